// SPDX-License-Identifier: MIT
//! Set and cancel 64 timers while a million others are pending. A Sleep is set
//! when it is first polled, and cancelled when it is dropped.

use crate::report::{fail, number, report_each, word};
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{sleep, sleep_until, Instant, Sleep};

const PENDING: usize = 1_000_000;
const BATCH: usize = 64;

pub async fn measure() {
    let clock = match word(1).as_str() {
        "at" => false,
        "clock" => true,
        _ => fail("usage: timer at|clock [N]"),
    };
    let batches = number(2, 3_000_000) / BATCH;
    let base = Instant::now() + Duration::from_secs(1000);
    let mut held: Vec<Pin<Box<Sleep>>> = Vec::with_capacity(PENDING);
    let mut random: u64 = 88172645463325252;

    for _ in 0..PENDING {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut timer = Box::pin(sleep_until(
            base + Duration::from_micros(random % 60_000_000),
        ));
        set(timer.as_mut()).await;
        held.push(timer);
    }
    set_and_cancel(batches / 10, clock).await;
    let start = std::time::Instant::now();
    set_and_cancel(batches, clock).await;
    report_each("timer", start, batches * BATCH, batches * BATCH);
}

async fn set_and_cancel(batches: usize, clock: bool) {
    let in_seconds = Duration::from_secs(1030);
    let when = Instant::now() + in_seconds;

    for _ in 0..batches {
        let timers: [Sleep; BATCH] = std::array::from_fn(|_| {
            if clock {
                sleep(in_seconds)
            } else {
                sleep_until(when)
            }
        });
        let mut timers = std::pin::pin!(timers);
        for i in 0..BATCH {
            // Safe: an element of a pinned array is as pinned as the array.
            set(unsafe { timers.as_mut().map_unchecked_mut(|all| &mut all[i]) }).await;
        }
    }
}

async fn set(mut timer: Pin<&mut Sleep>) {
    poll_fn(|context| {
        assert!(timer.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await
}
