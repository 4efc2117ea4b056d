// SPDX-License-Identifier: MIT
//! A task for each connection, which sends back what it reads.

use crate::report::number;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

pub async fn serve() {
    let port = number(1, 7000) as u16;
    let size = number(2, 4096);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("to listen");
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(echo(stream, size));
        }
    }
}

pub async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin, size: usize) {
    let mut buffer = vec![0; size];
    loop {
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => {
                if stream.write_all(&buffer[..n]).await.is_err() {
                    return;
                }
            }
            _ => {
                let _ = stream.shutdown().await;
                return;
            }
        }
    }
}
