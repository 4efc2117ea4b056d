// SPDX-License-Identifier: MIT
//! 64 tasks open, read and close the files 0 to N - 1 of a directory, which
//! the runtime's threads for blocking calls do.

use crate::report::{number, report_each, word};
use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::task::LocalSet;

const IN_FLIGHT: usize = 64;

pub async fn measure() {
    let n = number(2, 20_000);
    use_files(n).await;
    let start = Instant::now();
    use_files(n).await;
    report_each("files", start, n, n);
}

async fn use_files(n: usize) {
    let next = Rc::new(Cell::new(0));
    let tasks = LocalSet::new();
    for _ in 0..IN_FLIGHT {
        tasks.spawn_local(use_some(next.clone(), n));
    }
    tasks.await;
}

async fn use_some(next: Rc<Cell<usize>>, n: usize) {
    let directory = word(1);
    let mut buffer = vec![0; 4096];
    while next.get() < n {
        let path = Path::new(&directory).join(next.get().to_string());
        next.set(next.get() + 1);
        let mut file = File::open(path).await.unwrap();
        assert_eq!(file.read(&mut buffer).await.unwrap(), buffer.len());
    }
}
