// SPDX-License-Identifier: MIT
//! hyper's own server, as its guide has it: HTTP/1.1 with a Date.

use crate::report::number;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use tokio::net::TcpListener;

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = Full::new(Bytes::from_static(b"Hello, World!"));
    let reply = Response::builder().header(CONTENT_TYPE, "text/plain").body(body);
    Ok(reply.expect("a reply"))
}

pub async fn serve() {
    let port = number(1, 7000) as u16;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("to listen");
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .pipeline_flush(true)
                .serve_connection(TokioIo::new(stream), service_fn(hello))
                .await;
        });
    }
}
