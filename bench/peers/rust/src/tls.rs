// SPDX-License-Identifier: MIT
//! What echo does, by TLS, with rustls.

use crate::echo::echo;
use crate::report::number;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

fn acceptor() -> TlsAcceptor {
    let pem = std::env::var("SIMUL_BENCH_PEM").expect("SIMUL_BENCH_PEM");
    let certificate = CertificateDer::from_pem_file(&pem).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(&pem).expect("a key");
    let config = ServerConfig::builder_with_protocol_versions(&[&TLS13])
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key that fits");
    TlsAcceptor::from(Arc::new(config))
}

pub async fn serve() {
    let port = number(1, 7000) as u16;
    let size = number(2, 4096);
    let acceptor = acceptor();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("to listen");
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    echo(stream, size).await;
                }
            });
        }
    }
}
