// SPDX-License-Identifier: MIT
//! N tasks at a time are spawned, yield once, end, and are awaited; the first
//! batch is not counted.

use crate::random::touch_stack;
use crate::report::{number, report_each};
use std::time::Instant;
use tokio::task::{spawn, yield_now};

pub async fn measure() {
    let tasks = number(1, 1000);
    let batches = number(2, 500_000) / tasks + 1;
    live_together(tasks).await;
    let start = Instant::now();
    for _ in 0..batches {
        live_together(tasks).await;
    }
    report_each("growth", start, batches * tasks, tasks);
}

async fn live_together(n: usize) {
    let tasks: Vec<_> = (0..n)
        .map(|_| {
            spawn(async {
                touch_stack();
                yield_now().await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
