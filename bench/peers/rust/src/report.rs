// SPDX-License-Identifier: MIT
//! Arguments, lines of output, and the memory that the process has.

use std::time::Instant;

pub fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(2);
}

/// Argument i of the program, or "".
pub fn word(i: usize) -> String {
    std::env::args().nth(i + 1).unwrap_or_default()
}

/// Argument i of the program, or fallback where it is absent.
pub fn number(i: usize, fallback: usize) -> usize {
    let word = word(i);
    if word.is_empty() {
        return fallback;
    }
    match word.parse() {
        Ok(n) if n > 0 => n,
        _ => fail(&format!("{word} is not a positive number")),
    }
}

pub fn report(measure: &str, value: f64, unit: &str, n: usize) {
    println!("measure={measure} value={value:.4} unit={unit} n={n}");
}

/// Shares the time since start out over that many operations.
pub fn report_each(measure: &str, start: Instant, operations: usize, n: usize) {
    let ns = start.elapsed().as_nanos() as f64;
    report(measure, ns / operations as f64, "ns", n);
}

/// Reports the time since start, in which so many MiB came or went, as that for
/// a GiB.
pub fn report_gib(measure: &str, start: Instant, mib: usize) {
    let seconds = start.elapsed().as_secs_f64();
    report(measure, seconds * 1024.0 / mib as f64 * 1e3, "ms", mib);
}

/// Reports pages, and the page tables that the kernel keeps for them, which
/// VmRSS does not count.
pub fn report_memory(n: usize) {
    let (rss, page_tables) = (memory("VmRSS:"), memory("VmPTE:"));
    report("memory", rss + page_tables, "MB", n);
    report("rss", rss, "MB", n);
    report("page_tables", page_tables, "MB", n);
}

/// A line of /proc/self/status in MB (10^6 bytes).
pub fn memory(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.unwrap_or(0.0) * 1024.0 / 1e6
}
