// SPDX-License-Identifier: MIT
//! The file "bytes" is written over and read in pieces of 1 MiB.

use crate::report::{number, report_gib, word};
use std::path::Path;
use std::time::Instant;
use tokio::fs::OpenOptions;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};

const PIECE: usize = 1 << 20;

pub async fn measure() {
    let mib = number(2, 1024);
    let path = Path::new(&word(1)).join("bytes");
    let mut piece = vec![b'x'; PIECE];
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .await
        .unwrap();

    let start = Instant::now();
    for _ in 0..mib {
        file.write_all(&piece).await.unwrap();
    }
    file.flush().await.unwrap();
    report_gib("bytes_write", start, mib);
    file.seek(SeekFrom::Start(0)).await.unwrap();
    let start = Instant::now();
    for _ in 0..mib {
        file.read_exact(&mut piece).await.unwrap();
    }
    report_gib("bytes_read", start, mib);
}
