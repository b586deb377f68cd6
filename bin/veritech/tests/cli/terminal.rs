//! What a terminal gets to see.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::rig::{Function, veritech};

/// A terminal: our end, and the command's.
fn terminal() -> (File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let name = ptsname(&ours, Vec::new()).expect("it has a name");
    let name = name.to_str().expect("UTF-8");
    let theirs = OpenOptions::new().read(true).write(true).open(name);
    (File::from(ours), theirs.expect("the other end").into())
}

#[test]
fn a_function_cannot_rewrite_the_screen() {
    let function = Function::new(
        "export default () => {
           console.log('\\u001b[2J\\rerror: forged');
           throw new Error('\\u001b]0;title\\u0007');
         }",
    );
    let (mut ours, theirs) = terminal();
    let mut command = veritech();
    command
        .arg("run")
        .arg(function.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(theirs);
    let mut child = command.spawn().expect("the command runs");
    // Closes our copy of the command's end.
    drop(command);
    let mut seen = Vec::new();
    // Once nobody has the other end open any more, reading fails.
    drop(ours.read_to_end(&mut seen));
    child.wait().expect("it ends");

    let seen = String::from_utf8(seen).expect("UTF-8");
    assert!(seen.contains("\\u001b[2J\\u000derror: forged"), "{seen:?}");
    assert!(seen.contains("\\u001b]0;title\\u0007"), "{seen:?}");
    assert!(!seen.contains("\x1b[2J"), "{seen:?}");
    assert!(!seen.contains("\x1b]0;"), "{seen:?}");
}
