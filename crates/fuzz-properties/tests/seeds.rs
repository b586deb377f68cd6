//! Every seed of `fuzz/` is tried on every compiler, without a fuzzer.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use fuzz_properties::{TARGETS, Target};

/// How often each seed is damaged, if the environment does not say.
const DAMAGES: usize = 20;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// Returns the names of what is in a directory, without their endings.
fn stems(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into())
        .collect()
}

#[test]
fn every_target_has_seeds_and_a_program_that_looks_for_more() {
    let targets = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(stems(&fuzz().join("targets")), targets);
    assert_eq!(stems(&fuzz().join("seeds")), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("readable");
    for Target { name, .. } in TARGETS {
        assert!(
            manifest.contains(&format!("\nname = \"{name}\"\n")),
            "{name}"
        );
        let program = fuzz().join(format!("targets/{name}.rs"));
        let program = fs::read_to_string(program).expect("readable");
        assert!(program.contains(&format!("check(\"{name}\",")), "{name}");
    }
}

#[test]
fn what_must_hold_holds_for_every_seed() {
    for Target { name, check } in TARGETS {
        let seeds = fs::read_dir(fuzz().join("seeds").join(name)).expect("a directory");
        let mut tried = 0;
        for seed in seeds {
            let path = seed.expect("an entry").path();
            // A panic shows which seed it was.
            println!("{}", path.display());
            check(&fs::read(&path).expect("readable"));
            tried += 1;
        }
        assert!(tried > 0, "{name} has no seeds");
    }
}

/// Changes a few bytes: others, more, fewer, some of them twice.
fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..=4) {
        let at = rng.usize(..=bytes.len());
        let end = bytes.len().min(at + rng.usize(..16));
        match rng.u8(..5) {
            0 => bytes.insert(at, rng.u8(..)),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let again: Vec<u8> = bytes.drain(at..end).collect();
                bytes.splice(at..at, [again.clone(), again].concat());
            }
            _ => bytes
                .iter_mut()
                .take(end)
                .skip(at)
                .for_each(|byte| *byte ^= 1 << rng.u8(..8)),
        }
    }
}

#[test]
fn what_must_hold_holds_for_every_seed_that_was_damaged() {
    let damages = env::var("VERITECH_TEST_DAMAGES");
    let damages = damages.map_or(DAMAGES, |text| text.parse().expect("a number"));
    for Target { name, check } in TARGETS {
        let mut rng = Rng::with_seed(1);
        for seed in fs::read_dir(fuzz().join("seeds").join(name)).expect("a directory") {
            let whole = fs::read(seed.expect("an entry").path()).expect("readable");
            for _ in 0..damages {
                let mut bytes = whole.clone();
                damage(&mut rng, &mut bytes);
                println!("{name}: {}", bytes.escape_ascii());
                check(&bytes);
            }
        }
    }
}
