// SPDX-License-Identifier: MIT
//! "echo" on monoio, which is io_uring with a thread to itself. Its buffers are
//! the kernel's while it reads, so they go in and come back.

use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::net::{TcpListener, TcpStream};

#[monoio::main(driver = "iouring", entries = 4096)]
async fn main() {
    let mut words = std::env::args().skip(1);
    let program = words.next().unwrap_or_default();
    let port: u16 = words.next().and_then(|word| word.parse().ok()).unwrap_or(7000);
    let size: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(4096);
    if program != "echo" {
        eprintln!("usage: monoio_peer echo PORT [SIZE]");
        std::process::exit(2);
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("to listen");
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            monoio::spawn(echo(stream, size));
        }
    }
}

async fn echo(mut stream: TcpStream, size: usize) {
    let mut buffer: Vec<u8> = Vec::with_capacity(size);
    let _ = stream.set_nodelay(true);
    loop {
        let (result, read) = stream.read(buffer).await;
        if !matches!(result, Ok(n) if n > 0) {
            return;
        }
        let (result, written) = stream.write_all(read).await;
        if result.is_err() {
            return;
        }
        buffer = written;
        buffer.clear();
    }
}
