// SPDX-License-Identifier: MIT
//! A value goes to and fro between two runtimes, each in its own thread.

use crate::report::{number, report_each};
use std::time::Instant;
use tokio::sync::mpsc;

pub async fn measure() {
    let n = number(1, 10_000);
    let (there, inbox) = mpsc::unbounded_channel::<Box<usize>>();
    let (back, mut answers) = mpsc::unbounded_channel();
    let other = std::thread::spawn(move || answer(inbox, back));
    let mut item = Box::new(n);
    let mut start = Instant::now();

    for i in 0..n / 10 + n {
        if i == n / 10 {
            start = Instant::now();
        }
        there.send(item).unwrap();
        item = answers.recv().await.unwrap();
    }
    report_each("loops", start, n, n);
    drop(there);
    other.join().unwrap();
}

fn answer(
    mut inbox: mpsc::UnboundedReceiver<Box<usize>>,
    back: mpsc::UnboundedSender<Box<usize>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");

    runtime.block_on(async move {
        while let Some(item) = inbox.recv().await {
            back.send(item).unwrap();
        }
    });
}
