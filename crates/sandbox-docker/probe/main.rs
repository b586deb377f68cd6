//! A program that stands in for cyclone: it does what it is told on standard
//! input, a line at a time, and answers on standard output.
//!
//! Built statically by the tests themselves, with the standard library alone.

use std::fs::{self, File};
use std::io::{BufRead as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

unsafe extern "C" {
    fn syscall(number: i64, ...) -> i64;
    fn fork() -> i32;
}

fn main() {
    for order in std::io::stdin().lock().lines() {
        let answer = obey(&order.unwrap()).replace(['\n', '\0'], " ");
        let mut answers = std::io::stdout().lock();
        writeln!(answers, "{answer}").unwrap();
        answers.flush().unwrap();
    }
}

fn obey(order: &str) -> String {
    let (order, argument) = order.split_once(' ').unwrap_or((order, ""));
    match order {
        "list" => list(argument),
        "read" => outcome(fs::read(argument).map(|it| String::from_utf8_lossy(&it).into_owned())),
        "write" => outcome(fs::write(argument, "x").map(|()| "written".to_owned())),
        "connect" => {
            let address: SocketAddr = argument.parse().unwrap();
            let limit = Duration::from_secs(1);
            outcome(TcpStream::connect_timeout(&address, limit).map(|_| "connected".to_owned()))
        }
        "listen" => {
            let listener = TcpListener::bind(format!("0.0.0.0:{argument}")).unwrap();
            for stream in listener.incoming() {
                drop(stream);
            }
            String::new()
        }
        "call" => call(argument),
        "exit" => std::process::exit(argument.parse().unwrap()),
        "complain" => {
            eprintln!("{argument}");
            "complained".to_owned()
        }
        // In a child, as a runner is one.
        "fill-memory" => in_child(|| {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(vec![1; 1 << 20]);
            }
        }),
        "fill-disk" => {
            let mut file = File::create("/tmp/full").unwrap();
            loop {
                if let Err(error) = file.write_all(&[1; 4096]) {
                    return format!("refused: {error}");
                }
            }
        }
        "fill-processes" => {
            // SAFETY: the children only sleep.
            while match unsafe { fork() } {
                0 => loop {
                    std::thread::sleep(Duration::from_secs(60));
                },
                pid => pid > 0,
            } {}
            "refused".to_owned()
        }
        "spin" => loop {
            std::hint::black_box(0);
        },
        unknown => format!("unknown: {unknown}"),
    }
}

/// Does something in a child and waits for its end.
fn in_child(work: impl FnOnce()) -> String {
    const WAIT4: i64 = if cfg!(target_arch = "x86_64") { 61 } else { 260 };

    // SAFETY: this process has one thread, so that the child may do anything.
    let child = unsafe { fork() };
    if child == 0 {
        work();
        std::process::exit(0);
    }
    let mut status = 0_i32;
    // SAFETY: the status outlives the call.
    unsafe { syscall(WAIT4, i64::from(child), &mut status, 0_i64, 0_i64) };
    format!("status {status}")
}

/// Makes a system call, by its number and arguments, and returns what it returns,
/// or the error's number, negative.
fn call(argument: &str) -> String {
    let mut numbers = argument.split(' ').map(|it| it.parse::<i64>().unwrap());
    let mut next = || numbers.next().unwrap_or(0);
    let (number, a, b, c, d, e) = (next(), next(), next(), next(), next(), next());
    // SAFETY: whoever gives the order chooses arguments that touch no memory.
    let returned = unsafe { syscall(number, a, b, c, d, e) };
    if returned < 0 {
        let error = std::io::Error::last_os_error().raw_os_error().unwrap();
        return format!("{}", -error);
    }
    returned.to_string()
}

fn list(directory: &str) -> String {
    let mut names: Vec<String> = match fs::read_dir(directory) {
        Ok(entries) => entries
            .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
            .collect(),
        Err(error) => return format!("refused: {error}"),
    };
    names.sort();
    names.join(",")
}

fn outcome(result: std::io::Result<String>) -> String {
    result.unwrap_or_else(|error| format!("refused: {error}"))
}
