// SPDX-License-Identifier: MIT
//! Spawn a task and await it; spawn 1000 and await them all.

use crate::report::{fail, number, report_each, word};
use std::time::Instant;
use tokio::task::spawn;

const BATCH: usize = 1000;

pub async fn measure() {
    let n = number(2, 1_500_000);
    match word(1).as_str() {
        "await" => {
            one_at_a_time(n / 10).await;
            let start = Instant::now();
            one_at_a_time(n).await;
            report_each("create_await", start, n, n);
        }
        "gather" => {
            together(n / BATCH / 10).await;
            let start = Instant::now();
            together(n / BATCH).await;
            report_each("create_gather", start, n / BATCH * BATCH, BATCH);
        }
        _ => fail("usage: create await|gather [N]"),
    }
}

async fn one_at_a_time(n: usize) {
    let mut sum = 0;
    for i in 0..n {
        sum += spawn(async move { i }).await.unwrap();
    }
    std::hint::black_box(sum);
}

async fn together(batches: usize) {
    let mut sum = 0;
    for _ in 0..batches {
        let tasks: Vec<_> = (0..BATCH).map(|i| spawn(async move { i })).collect();
        for task in tasks {
            sum += task.await.unwrap();
        }
    }
    std::hint::black_box(sum);
}
