// SPDX-License-Identifier: MIT
//! An HTTP client with reqwest: 64 tasks that GET the same page through one
//! client.

use crate::report::{memory, number, report};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CLIENTS: usize = 64;

#[derive(Default)]
struct Count {
    done: AtomicUsize,
    over: AtomicBool,
}

pub async fn measure() {
    let url = format!("http://127.0.0.1:{}/", number(1, 7000));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let count = Arc::new(Count::default());
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(get_all(client.clone(), url.clone(), count.clone())))
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (before, cpu, start) = (count.done.load(Relaxed), cpu_seconds(), Instant::now());
    tokio::time::sleep(Duration::from_millis(600)).await;
    let n = count.done.load(Relaxed) - before;
    report("cpu", (cpu_seconds() - cpu) / n as f64 * 1e6, "us", n);
    report("rate", n as f64 / start.elapsed().as_secs_f64(), "/s", n);
    report("memory", memory("VmRSS:") + memory("VmPTE:"), "MB", n);
    count.over.store(true, Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
}

async fn get_all(client: reqwest::Client, url: String, count: Arc<Count>) {
    while !count.over.load(Relaxed) {
        let response = client.get(&url).send().await.expect("an answer");
        let status = response.status();
        let body = response.bytes().await.expect("a body");
        assert!(status == 200 && body == "Hello, World!", "not what was asked for");
        count.done.fetch_add(1, Relaxed);
    }
}

/// What this thread has used: there is no other one.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns: f64 = text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0.0);
    ns / 1e9
}
