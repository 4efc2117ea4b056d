// SPDX-License-Identifier: MIT
//! A task for each connection, which sends back what it reads.

use crate::report::number;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub async fn serve() {
    let port = number(1, 7000) as u16;
    let size = number(2, 4096);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("to listen");
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream, size));
        }
    }
}

async fn echo(mut stream: TcpStream, size: usize) {
    let mut buffer = vec![0; size];
    let _ = stream.set_nodelay(true);
    loop {
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => {
                if stream.write_all(&buffer[..n]).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}
