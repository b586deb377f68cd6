//! A program that stands in for cyclone: it does what it is told on descriptor 3.
//!
//! Built statically by the tests themselves, with the standard library alone.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::fd::FromRawFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

unsafe extern "C" {
    fn syscall(number: i64, ...) -> i64;
    fn fork() -> i32;
    fn prctl(option: i32, ...) -> i32;
    fn setresuid(real: u32, effective: u32, saved: u32) -> i32;
}

fn main() {
    // SAFETY: the engine leaves the session open as descriptor 3 and nobody else
    // uses it.
    let session = unsafe { UnixStream::from_raw_fd(3) };
    let mut answers = session.try_clone().unwrap();
    for order in BufReader::new(session).lines() {
        let answer = obey(&order.unwrap()).replace('\n', " ");
        writeln!(answers, "{answer}").unwrap();
    }
}

fn obey(order: &str) -> String {
    let (order, argument) = order.split_once(' ').unwrap_or((order, ""));
    match order {
        "pid" => std::process::id().to_string(),
        "arguments" => std::env::args().collect::<Vec<_>>().join("|"),
        "environment" => std::env::vars_os().count().to_string(),
        "list" => list(argument),
        "read" => outcome(fs::read(argument).map(|it| String::from_utf8_lossy(&it).into_owned())),
        "write" => outcome(fs::write(argument, "x").map(|()| "written".to_owned())),
        "connect" => outcome(TcpStream::connect(argument).map(|_| "connected".to_owned())),
        "become-runner" => {
            // SAFETY: changes this process's ids and nothing else.
            let changed = unsafe { setresuid(1001, 1001, 1001) };
            format!("{changed}")
        }
        "die-with-parent" => {
            const PR_SET_PDEATHSIG: i32 = 1;
            const SIGKILL: i64 = 9;
            // SAFETY: this option takes a number and touches no memory.
            format!("{}", unsafe { prctl(PR_SET_PDEATHSIG, SIGKILL) })
        }
        "call" => call(argument),
        "fill-memory" => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(vec![1; 1 << 20]);
            }
        }
        "fill-disk" => {
            let mut file = File::create("/tmp/full").unwrap();
            loop {
                if let Err(error) = file.write_all(&[1; 65536]) {
                    return format!("{:?}", error.kind());
                }
            }
        }
        "fork-until-refused" => loop {
            // SAFETY: this process has one thread.
            match unsafe { fork() } {
                -1 => return "refused".to_owned(),
                0 => loop {
                    std::thread::sleep(Duration::from_secs(60));
                },
                _ => {}
            }
        },
        "spin" => loop {
            std::hint::black_box(0);
        },
        "exit" => std::process::exit(argument.parse().unwrap()),
        order => format!("no such order: {order}"),
    }
}

fn list(directory: &str) -> String {
    match fs::read_dir(directory) {
        Ok(entries) => {
            let mut names: Vec<String> = entries
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names.join(",")
        }
        Err(error) => outcome(Err(error)),
    }
}

/// Makes a system call given as numbers, and returns 0 or the error.
fn call(numbers: &str) -> String {
    let mut numbers = numbers.split(' ').map(|it| it.parse::<i64>().unwrap());
    let mut next = || numbers.next().unwrap_or_default();
    let number = next();
    // SAFETY: no call that the tests make gets a valid pointer to write to.
    let returned = unsafe { syscall(number, next(), next(), next(), next(), next()) };
    if returned < 0 {
        let error = std::io::Error::last_os_error();
        return format!("errno {}", error.raw_os_error().unwrap());
    }
    "done".to_owned()
}

fn outcome(result: Result<String, std::io::Error>) -> String {
    match result {
        Ok(text) => text,
        Err(error) => format!("refused: {error}"),
    }
}
