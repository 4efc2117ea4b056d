// SPDX-License-Identifier: MIT
//! N tasks take turns in an order that has nothing to do with where they lie in
//! memory: each waits for a channel of its own, and these are sent to in random
//! order.

use crate::report::{number, report_each};
use std::cell::Cell;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::{spawn, yield_now};

thread_local! {
    static TURNS: Cell<usize> = const { Cell::new(0) };
}

pub async fn measure() {
    let (tasks, turns) = (number(1, 100_000), number(2, 1_500_000));
    start_all(tasks).await;
    let_run(3 * tasks).await;
    let (start, before) = (Instant::now(), TURNS.get());
    let_run(turns).await;
    report_each("random", start, TURNS.get() - before, tasks);
}

async fn start_all(tasks: usize) {
    let mut events = Vec::with_capacity(tasks);
    let mut random: u64 = 88172645463325252;

    for _ in 0..tasks {
        let (event, waits) = oneshot::channel::<()>();
        events.push(event);
        spawn(async move {
            waits.await.unwrap();
            loop {
                touch_stack();
                TURNS.set(TURNS.get() + 1);
                yield_now().await;
            }
        });
    }
    yield_now().await;
    for i in (1..tasks).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        events.swap(i, (random % (i as u64 + 1)) as usize);
    }
    for event in events {
        event.send(()).unwrap();
    }
}

async fn let_run(turns: usize) {
    let end = TURNS.get() + turns;
    while TURNS.get() < end {
        yield_now().await;
    }
}

/// A small amount of work on the stack: four cache lines.
#[inline(never)]
pub fn touch_stack() {
    let mut frame = [0u8; 200];
    for i in (0..frame.len()).step_by(64) {
        frame[i] = 1;
    }
    std::hint::black_box(&frame);
}
