// SPDX-License-Identifier: MIT
//! N tasks that all sleep at the same time.

use crate::report::{number, report, report_memory};
use std::cell::Cell;
use std::time::{Duration, Instant};
use tokio::task::spawn;
use tokio::time::sleep;

thread_local! {
    static ASLEEP: Cell<usize> = const { Cell::new(0) };
}

pub async fn measure() {
    let (n, seconds) = (number(1, 1_000_000), number(2, 10));
    let duration = Duration::from_secs(seconds as u64);
    let start = Instant::now();
    let tasks: Vec<_> = (0..n).map(|_| spawn(sleeper(n, duration))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let over = start.elapsed().as_secs_f64() - duration.as_secs_f64();
    report("sleepers", over, "s", n);
}

async fn sleeper(n: usize, duration: Duration) {
    ASLEEP.set(ASLEEP.get() + 1);
    if ASLEEP.get() == n {
        report_memory(n);
    }
    sleep(duration).await;
    ASLEEP.set(ASLEEP.get() - 1);
}
