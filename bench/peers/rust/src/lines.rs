// SPDX-License-Identifier: MIT
//! Lines of 20 to 60 bytes are written over those that the file "lines" has,
//! and read again.

use crate::report::{number, report_each, word};
use std::path::Path;
use std::time::Instant;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncBufReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufWriter, SeekFrom};

pub async fn measure() {
    let n = number(2, 2_000_000);
    let path = Path::new(&word(1)).join("lines");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .await
        .unwrap();

    let start = Instant::now();
    write_lines(&mut file, n).await;
    report_each("lines_write", start, n, n);
    file.seek(SeekFrom::Start(0)).await.unwrap();
    let start = Instant::now();
    read_lines(&mut file, n).await;
    report_each("lines_read", start, n, n);
}

async fn write_lines(file: &mut File, n: usize) {
    let mut writer = BufWriter::new(file);
    let mut line = [b'x'; 64];
    for i in 0..n {
        let length = 20 + i % 41;
        line[length - 1] = b'\n';
        writer.write_all(&line[..length]).await.unwrap();
        line[length - 1] = b'x';
    }
    writer.flush().await.unwrap();
}

/// Into one String, which is cheaper than `lines()`, which makes one for each.
async fn read_lines(file: &mut File, n: usize) {
    let mut reader = BufReader::new(file);
    let mut line = String::new();
    for _ in 0..n {
        line.clear();
        assert!(reader.read_line(&mut line).await.unwrap() > 0);
    }
}
