// SPDX-License-Identifier: MIT
//! Measures Tokio as bench/ measures Simul: the same programs by the same
//! names, with the same arguments and the same lines of output. The runtime is
//! the one for a single thread.

mod bytes;
mod client;
mod create;
mod echo;
mod files;
mod growth;
mod http;
mod lines;
mod loops;
mod queue;
mod random;
mod report;
mod sleepers;
mod switch;
mod timer;
mod tls;
mod udp;
mod walk;

use report::{fail, word};

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");

    match word(0).as_str() {
        "switch" => runtime.block_on(spawned(switch::measure())),
        "create" => runtime.block_on(spawned(create::measure())),
        "queue" => runtime.block_on(spawned(queue::measure())),
        "timer" => runtime.block_on(spawned(timer::measure())),
        "random" => runtime.block_on(spawned(random::measure())),
        "growth" => runtime.block_on(spawned(growth::measure())),
        "sleepers" => runtime.block_on(spawned(sleepers::measure())),
        "echo" => runtime.block_on(spawned(echo::serve())),
        "http" => runtime.block_on(spawned(http::serve())),
        "client" => runtime.block_on(spawned(client::measure())),
        "tls" => runtime.block_on(spawned(tls::serve())),
        "udp" => runtime.block_on(spawned(udp::serve())),
        "files" => runtime.block_on(files::measure()),
        "bytes" => runtime.block_on(spawned(bytes::measure())),
        "lines" => runtime.block_on(spawned(lines::measure())),
        "walk" => runtime.block_on(spawned(walk::measure())),
        "loops" => runtime.block_on(spawned(loops::measure())),
        _ => fail("usage: PROGRAM NAME [ARGUMENT...]; see bench/README.md"),
    }
    // What still runs is not the subject.
    std::process::exit(0);
}

/// A task is cheaper to come back to than the runtime's main future.
async fn spawned(measure: impl std::future::Future<Output = ()> + Send + 'static) {
    tokio::spawn(measure).await.unwrap();
}
