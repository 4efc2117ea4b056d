// SPDX-License-Identifier: MIT
//! Two tasks pass an item to and fro through channels.

use crate::report::{fail, number, report_each, word};
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::spawn;

pub async fn measure() {
    match word(1).as_str() {
        "one" => capacity_one().await,
        "unlimited" => unlimited().await,
        _ => fail("usage: queue one|unlimited [N]"),
    }
}

async fn capacity_one() {
    let n = number(2, 1_000_000);
    let (there, mut inbox) = mpsc::channel::<Box<usize>>(1);
    let (back, mut answers) = mpsc::channel(1);
    let mut item = Box::new(n);

    spawn(async move {
        while let Some(item) = inbox.recv().await {
            back.send(item).await.unwrap();
        }
    });
    let mut start = Instant::now();
    for i in 0..n / 10 + n {
        if i == n / 10 {
            start = Instant::now();
        }
        there.send(item).await.unwrap();
        item = answers.recv().await.unwrap();
    }
    report_each("queue", start, 2 * n, n);
}

async fn unlimited() {
    let n = number(2, 1_000_000);
    let (there, mut inbox) = mpsc::unbounded_channel::<Box<usize>>();
    let (back, mut answers) = mpsc::unbounded_channel();
    let mut item = Box::new(n);

    spawn(async move {
        while let Some(item) = inbox.recv().await {
            back.send(item).unwrap();
        }
    });
    let mut start = Instant::now();
    for i in 0..n / 10 + n {
        if i == n / 10 {
            start = Instant::now();
        }
        there.send(item).unwrap();
        item = answers.recv().await.unwrap();
    }
    report_each("queue", start, 2 * n, n);
}
