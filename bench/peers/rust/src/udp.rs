// SPDX-License-Identifier: MIT
//! Sends datagrams back, one after the other.

use crate::report::number;
use tokio::net::UdpSocket;

pub async fn serve() {
    let port = number(1, 7000) as u16;
    let socket = UdpSocket::bind(("127.0.0.1", port)).await.expect("to bind");
    let mut buffer = vec![0; 2048];
    loop {
        let (n, from) = socket.recv_from(&mut buffer).await.expect("to receive");
        socket.send_to(&buffer[..n], from).await.expect("to send");
    }
}
