// SPDX-License-Identifier: MIT
//! Two tasks that yield to each other.

use crate::report::{number, report_each};
use std::time::Instant;
use tokio::task::{spawn, yield_now};

pub async fn measure() {
    let n = number(1, 1_000_000);
    take_turns(n / 10).await;
    let start = Instant::now();
    take_turns(n).await;
    report_each("switch", start, 2 * n, n);
}

async fn take_turns(n: usize) {
    let (a, b) = (spawn(yield_times(n)), spawn(yield_times(n)));
    a.await.unwrap();
    b.await.unwrap();
}

pub async fn yield_times(n: usize) {
    for _ in 0..n {
        yield_now().await;
    }
}
