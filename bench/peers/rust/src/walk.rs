// SPDX-License-Identifier: MIT
//! Over all that is below a directory, N times.

use crate::report::{number, report_each, word};
use std::path::PathBuf;
use std::time::Instant;
use tokio::fs::read_dir;

pub async fn measure() {
    let n = number(2, 3);
    walk().await;
    let mut entries = 0;
    let start = Instant::now();
    for _ in 0..n {
        entries += walk().await;
    }
    report_each("walk", start, entries, entries);
}

async fn walk() -> usize {
    let mut below = vec![PathBuf::from(word(1))];
    let mut entries = 0;
    while let Some(directory) = below.pop() {
        let mut listing = read_dir(directory).await.unwrap();
        while let Some(entry) = listing.next_entry().await.unwrap() {
            entries += 1;
            if entry.file_type().await.unwrap().is_dir() {
                below.push(entry.path());
            }
        }
    }
    entries
}
