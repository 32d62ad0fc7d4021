// SPDX-License-Identifier: Apache-2.0
// What the `semver` crate says of versions and requirements; the questions stand in answer.c beside it.
use semver::{Version, VersionReq};
use std::cmp::Ordering;
use std::io::{self, BufRead, Write};

fn validity<T, E>(parsed: &Result<T, E>) -> &'static str {
    if parsed.is_ok() { "ok" } else { "bad" }
}

fn answer_match(requirement: &str, version: &str) -> String {
    let a = VersionReq::parse(requirement);
    let b = Version::parse(version);
    let said = match (&a, &b) {
        (Ok(requirement), Ok(version)) => if requirement.matches(version) { " yes" } else { " no" },
        _ => "",
    };
    format!("{} {}{}", validity(&a), validity(&b), said)
}

fn answer_order(a: &str, b: &str) -> String {
    let a = Version::parse(a);
    let b = Version::parse(b);
    let said = match (&a, &b) {
        (Ok(a), Ok(b)) => match a.cmp(b) {
            Ordering::Less => " <",
            Ordering::Equal => " =",
            Ordering::Greater => " >",
        },
        _ => "",
    };
    format!("{} {}{}", validity(&a), validity(&b), said)
}

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut parts = line.splitn(3, '\t');
        let (what, first, second) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let said = if what == "match" { answer_match(first, second) } else { answer_order(first, second) };
        writeln!(out, "{said}")?;
    }
    out.flush()
}
