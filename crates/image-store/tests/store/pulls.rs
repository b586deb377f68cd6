//! Pulling from a real registry, by each policy.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use image_store::{Counts, PullError};
use parking_lot::Mutex;
use sandbox::PullPolicy;
use sandbox::{Phase, PrepareError, Progress};
use testkit::image::Entry;
use testkit::{ImageBuilder, Layer, Registry};
use tokio_util::sync::CancellationToken;

use crate::support::{Fixture, hello, names_in, reference, registry_with};

#[tokio::test]
async fn an_image_is_pulled_unpacked_and_found_again() {
    let image = ImageBuilder::default()
        .label("dev.veritech.runner", "/runner")
        .environment("PATH=/usr/bin")
        .layer(
            Layer::default()
                .directory("./")
                .directory("usr/bin/")
                .symlink("bin", "usr/bin")
                .file("usr/bin/run", 0o700, b"#!")
                .file("secret", 0o600, b"s"),
        )
        .layer(
            Layer::default()
                .file("bin/through-a-link", 0o644, b"l")
                .hard_link("usr/run", "bin/run"),
        )
        .build();
    let (registry, name) = registry_with(&image).await;
    let fixture = Fixture::new();

    let pulled = fixture.pull(&name).await.expect("pulls");

    assert_eq!(pulled.digest(), image.digest());
    assert_eq!(pulled.reference(), name);
    assert_eq!(pulled.labels()["dev.veritech.runner"], "/runner");
    assert_eq!(pulled.environment()["PATH"], "/usr/bin");
    let rootfs = fixture.rootfs(&pulled);
    assert_eq!(
        names_in(&rootfs),
        ["bin", "dev", "proc", "secret", "tmp", "usr", "veritech"]
    );
    assert_eq!(names_in(&rootfs.join("usr/bin")), ["run", "through-a-link"]);
    let mode = |path: &str| {
        let metadata = fs::symlink_metadata(rootfs.join(path)).expect("is there");
        metadata.permissions().mode() & 0o7777
    };
    assert_eq!(mode("secret"), 0o644, "a sandbox's user could not read it");
    assert_eq!((mode("usr/bin/run"), mode("usr")), (0o755, 0o755));
    let run = fs::metadata(rootfs.join("usr/run")).expect("the link is there");
    assert_eq!((run.nlink(), run.mtime()), (2, 1_700_000_000));

    drop(registry);
    let again = fixture.pull(&name).await.expect("is there");
    assert_eq!(again.digest(), image.digest());
    assert_eq!(names_in(&fixture.store.root().join("tmp")), [""; 0]);
}

#[tokio::test]
async fn an_index_leads_to_the_manifest_for_this_host() {
    let image = ImageBuilder::default()
        .layer(Layer::default().file("a", 0o644, b"a"))
        .indexed()
        .build();
    let (_registry, name) = registry_with(&image).await;
    let fixture = Fixture::new();

    let pulled = fixture.pull(&name).await.expect("pulls");

    assert_eq!(pulled.digest(), image.digest());
    let repository = name.trim_end_matches(":1");
    for digest in [image.digest(), &image.index_digest().expect("an index")] {
        let pinned = format!("{repository}@{digest}");
        let found = fixture.pull_by(&pinned, PullPolicy::Never).await;
        assert_eq!(found.expect("is there").digest(), image.digest());
    }
}

#[tokio::test]
async fn what_is_privileged_is_left_out_and_counted() {
    let device = |kind, path| Entry {
        kind,
        path,
        mode: 0o666,
        ..Entry::default()
    };
    let image = ImageBuilder::default()
        .layer(
            Layer::default()
                .entry(device(tar::EntryType::Char, "dev/null"))
                .entry(device(tar::EntryType::Block, "dev/sda"))
                .entry(device(tar::EntryType::Fifo, "run/pipe"))
                .file("bin/su", 0o4755, b"su")
                .extended(&[
                    ("SCHILY.xattr.security.capability", "cap"),
                    ("SCHILY.xattr.user.note", "note"),
                ])
                .entry(Entry {
                    path: "bin/ping",
                    owner: (33, 33),
                    ..Entry::default()
                }),
        )
        .build();
    let (_registry, name) = registry_with(&image).await;
    let fixture = Fixture::new();

    let pulled = fixture.pull(&name).await.expect("pulls");

    let expected = Counts {
        devices: 3,
        set_id_bits: 1,
        capabilities: 1,
        attributes: 1,
        owners: 1,
    };
    assert_eq!(pulled.counts(), expected);
    let rootfs = fixture.rootfs(&pulled);
    assert_eq!(names_in(&rootfs.join("dev")), [""; 0]);
    let su = fs::metadata(rootfs.join("bin/su")).expect("is there");
    assert_eq!(su.permissions().mode() & 0o7777, 0o755);
    let ping = fs::metadata(rootfs.join("bin/ping")).expect("is there");
    assert_eq!(ping.uid(), rustix::process::geteuid().as_raw());
}

#[tokio::test]
async fn a_tag_is_asked_for_again_by_the_policy_alone() {
    let (old, new) = (hello("old"), hello("new"));
    let (mut registry, name) = registry_with(&old).await;
    let fixture = Fixture::new();

    let missing = fixture.pull_by(&name, PullPolicy::Never).await;
    assert!(matches!(
        &*missing.expect_err("is absent"),
        PullError::NotPresent
    ));
    fixture.pull(&name).await.expect("pulls");
    registry.push(&new, "team/hello", "1").await;

    for (policy, image) in [
        (PullPolicy::IfNotPresent, &old),
        (PullPolicy::Never, &old),
        (PullPolicy::Always, &new),
        (PullPolicy::Never, &new),
    ] {
        let pulled = fixture.pull_by(&name, policy).await.expect("is there");
        assert_eq!(pulled.digest(), image.digest(), "{policy}");
    }
    registry.kill();
    let pinned = format!("{}@{}", name.trim_end_matches(":1"), old.digest());
    assert!(fixture.pull_by(&pinned, PullPolicy::Always).await.is_ok());
    let unreachable = fixture.pull_by(&name, PullPolicy::Always).await;
    assert!(matches!(
        &*unreachable.expect_err("is down"),
        PullError::Registry {
            problem: "could not be reached",
            ..
        }
    ));
}

#[tokio::test]
async fn what_the_registry_does_not_have_is_told_without_a_path_of_the_host() {
    let registry = Registry::start().await;
    let fixture = Fixture::new();
    let name = format!("{}/nothing:1", registry.name());

    let error = fixture.pull(&name).await.expect_err("there is none");

    assert!(matches!(&*error, PullError::NotFound { .. }), "{error:?}");
    let PrepareError::Unavailable { image, reason, .. } = error.into_prepare_error("nothing")
    else {
        panic!("another kind of failure");
    };
    assert_eq!(image, "nothing");
    assert!(reason.contains("has no such image"), "{reason}");
    fixture.assert_nothing_is_left();
}

#[tokio::test]
async fn an_image_for_other_processors_is_unsupported() {
    let image = ImageBuilder::default()
        .architecture("s390x")
        .layer(Layer::default().file("a", 0o644, b"a"))
        .build();
    let (_registry, name) = registry_with(&image).await;
    let fixture = Fixture::new();

    let error = fixture.pull(&name).await.expect_err("is not for this host");

    assert!(matches!(
        error.into_prepare_error(&name),
        PrepareError::Unsupported { .. }
    ));
    fixture.assert_nothing_is_left();
}

#[tokio::test]
async fn progress_is_told_in_bytes() {
    struct Heard(Mutex<Vec<(Phase, u64, u64)>>);
    impl Progress for Heard {
        fn advance(&self, phase: Phase, done: u64, total: u64) {
            self.0.lock().push((phase, done, total));
        }
    }
    let image = hello("hello");
    let (_registry, name) = registry_with(&image).await;
    let fixture = Fixture::new();
    let heard = Heard(Mutex::default());

    let never = CancellationToken::new();
    let policy = PullPolicy::IfNotPresent;
    let pulled = fixture
        .store
        .prepare(&reference(&name), policy, &heard, never)
        .await;

    pulled.expect("pulls");
    let total: usize = image.blobs().values().map(Vec::len).sum();
    let total = total as u64;
    let heard = heard.0.lock();
    for (phase, done, of) in &*heard {
        assert!(done <= of, "{phase:?} {done} of {of}");
    }
    // Whoever waits hears of the latest only.
    let pulling = heard.iter().filter(|(phase, ..)| *phase == Phase::Pulling);
    assert!(pulling.clone().all(|(.., of)| *of == total), "{heard:?}");
    assert!(!heard.is_empty());
}

#[tokio::test]
async fn a_cancelled_pull_leaves_nothing() {
    let (_registry, name) = registry_with(&hello("hello")).await;
    let fixture = Fixture::new();
    let cancelled = CancellationToken::new();
    cancelled.cancel();

    let policy = PullPolicy::IfNotPresent;
    let error = fixture
        .store
        .prepare(&reference(&name), policy, &crate::support::Deaf, cancelled)
        .await
        .expect_err("was cancelled");

    assert!(matches!(&*error, PullError::Cancelled));
    fixture.assert_nothing_is_left();
}
