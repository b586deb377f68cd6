//! Sandboxes of images in a store, which may be hostile.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::Duration;

use image_store::{Store, StoreConfig};
use parking_lot::Mutex;
use sandbox::PullPolicy;
use sandbox::runner::{LANGUAGES_LABEL, RUNNER_LABEL};
use sandbox::{
    Engine as _, Image, LaunchError, Phase, PrepareError, Progress, Sandbox as _, SandboxSpec,
};
use sandbox_conformance::inventory::children;
use sandbox_conformance::{DEADLINE, probe};
use sandbox_native::{Config, Executables, NativeEngine};
use tempfile::TempDir;
use testkit::{Registry, eventually};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::layout::{Layout, Silent};
use super::support::{
    STORED, engine_with, executables, launch, launcher, spec, start, stored_config,
};

/// A store, and an engine that has its images.
pub(super) struct Stored {
    store: Store,
    pub(super) engine: NativeEngine,
    directory: TempDir,
}

impl Stored {
    async fn new(executables: Executables) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(StoreConfig::new(directory.path().join("store")))
            .expect("the store is opened");
        let engine = start(executables, stored_config(&store)).await;
        Self {
            store,
            engine,
            directory,
        }
    }

    /// Has a store with this one image, which the engine saw coming.
    async fn with(image: Layout) -> Self {
        Self::with_programs(executables(), image).await
    }

    /// The same with these programs.
    pub(super) async fn with_programs(executables: Executables, image: Layout) -> Self {
        let stored = Self::new(executables).await;
        image.import(&stored.store, STORED).await;
        stored
    }

    async fn prepare(&self) -> Result<Image, PrepareError> {
        let cancel = CancellationToken::new();
        self.engine.prepare(STORED, "latest", &Silent, cancel).await
    }

    /// Returns what launches the image.
    pub(super) async fn spec(&self, id: u64) -> SandboxSpec {
        SandboxSpec {
            image: self.prepare().await.expect("it is prepared"),
            ..spec(id)
        }
    }

    /// Returns where the image is unpacked.
    fn rootfs(&self) -> PathBuf {
        let images = self.directory.path().join("store/images");
        let mut images = fs::read_dir(images).expect("readable").flatten();
        images.next().expect("an image").path().join("rootfs")
    }

    /// Launches what cannot be launched, and looks for what is left of it.
    async fn fail_to_launch(&self) -> LaunchError {
        let spec = self.spec(1).await;
        let launcher = launcher(std::process::id());
        let descriptors = || count(&format!("/proc/{launcher}/fd"));
        let before = descriptors();

        let launched = self.engine.launch(spec, CancellationToken::new()).await;

        let error = launched.expect_err("it fails");
        assert!(children(launcher).is_empty(), "a process is left");
        assert_eq!(descriptors(), before, "no descriptor is left");
        error
    }
}

fn count(directory: &str) -> usize {
    fs::read_dir(directory).expect("readable").count()
}

/// Returns an image that brings everything along.
pub(super) fn complete() -> Layout {
    with_cyclone(0o755, &program())
}

/// Returns an image that has `cyclone` where that is expected.
fn with_cyclone(mode: u32, cyclone: &[u8]) -> Layout {
    Layout::new()
        .file("veritech/cyclone", mode, cyclone)
        .file("etc/motd", 0o644, b"from the image")
        .label(RUNNER_LABEL, "/image/runner --flag")
        .label(LANGUAGES_LABEL, "javascript, basic")
}

/// Returns the program that the images have in place of cyclone.
fn program() -> Vec<u8> {
    probe::EXECUTABLE.to_vec()
}

/// Returns the step that has failed.
fn failed_step(error: &LaunchError) -> Option<&str> {
    match error {
        LaunchError::Setup { step, .. } => Some(step),
        _ => None,
    }
}

#[tokio::test]
async fn a_sandbox_sees_its_image_and_nothing_of_the_host() {
    let stored = Stored::with(complete()).await;
    let spec = stored.spec(1).await;
    assert_eq!(spec.image.reference, format!("{STORED}:latest"));
    assert_eq!(spec.image.languages, ["javascript", "basic"]);
    let digest = spec.image.digest.as_deref().unwrap_or_default();
    assert!(digest.starts_with("sha256:"), "{digest}");
    let (sandbox, mut probe) = launch(&stored.engine, spec).await;

    assert_eq!(probe.ask("pid").await, "1");
    assert_eq!(probe.ask("list /").await, "dev,etc,proc,tmp,veritech");
    assert_eq!(probe.ask("list /veritech").await, "cyclone");
    assert_eq!(probe.ask("read /etc/motd").await, "from the image");
    assert_eq!(
        probe.ask("list /dev").await,
        "fd,full,null,random,stderr,stdin,stdout,urandom,zero"
    );
    assert_eq!(probe.ask("list /proc/self/fd").await, "0,1,2,3,4,5");

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn what_an_image_says_about_how_to_run_it_has_no_effect() {
    let stored = Stored::with(complete()).await;
    let (sandbox, mut probe) = launch(&stored.engine, stored.spec(1).await).await;

    let arguments = probe.ask("arguments").await;
    let expected = "/veritech/cyclone|--listen|fd://3|--runner|/image/runner --flag";
    assert!(arguments.starts_with(expected), "{arguments}");
    assert_eq!(probe.ask("environment").await, "");
    assert_eq!(probe.ask("list .").await, "", "it starts in `/tmp`");
    let users = probe.ask("status Uid").await;
    assert!(!users.split(' ').any(|uid| uid == "0"), "{users}");

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn an_image_without_a_runner_gets_ours_over_what_it_has_there() {
    let image = Layout::new()
        .file("veritech/cyclone", 0o755, b"no program")
        .file("etc/motd", 0o644, b"from the image");
    let stored = Stored::with(image).await;
    let (sandbox, mut probe) = launch(&stored.engine, stored.spec(1).await).await;

    assert_eq!(
        probe.ask("list /veritech").await,
        "cyclone,javascript,quickjs"
    );
    assert_eq!(probe.ask("read /etc/motd").await, "from the image");
    let arguments = probe.ask("arguments").await;
    assert!(arguments.contains("|/veritech/quickjs"), "{arguments}");

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn two_sandboxes_of_an_image_share_nothing_that_can_be_written() {
    let stored = Stored::with(complete()).await;
    let (first, mut one) = launch(&stored.engine, stored.spec(1).await).await;
    let (second, mut other) = launch(&stored.engine, stored.spec(2).await).await;

    for path in [
        "/new",
        "/etc/motd",
        "/veritech/cyclone",
        "/dev/new",
        "/proc/self/root/etc/motd",
        "/proc/sys/kernel/core_pattern",
    ] {
        let answer = one.ask(&format!("write {path}")).await;
        assert!(answer.starts_with("refused"), "{path}: {answer}");
    }
    assert_eq!(one.ask("write /tmp/mine").await, "written");
    assert_eq!(other.ask("list /tmp").await, "");
    assert_eq!(other.ask("read /etc/motd").await, "from the image");

    first.destroy().await.expect("it is destroyed");
    second.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn privileged_files_give_nothing_even_if_the_store_let_them_in() {
    let image = complete().file("bin/tool", 0o755, &program());
    let stored = Stored::with(image).await;
    let rootfs = stored.rootfs();
    let tool = fs::Permissions::from_mode(0o6755);
    fs::set_permissions(rootfs.join("bin/tool"), tool).expect("changed");
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        let null = rustix::fs::makedev(1, 3);
        let kind = rustix::fs::FileType::CharacterDevice;
        let path = rootfs.join("etc/null");
        rustix::fs::mknodat(rustix::fs::CWD, &path, kind, 0o666.into(), null).expect("made");
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).expect("changed");
    }
    let (sandbox, mut probe) = launch(&stored.engine, stored.spec(1).await).await;

    // Executing it keeps the effective user, and saves it.
    let users = probe.ask("status Uid").await;
    let effective = users.split(' ').nth(1).expect("an effective user");
    let tool = probe.ask("run /bin/tool status Uid").await;
    assert!(
        tool.split(' ').skip(1).all(|uid| uid == effective),
        "{tool}"
    );
    if is_root {
        let opened = probe.ask("read /etc/null").await;
        assert!(opened.starts_with("refused"), "{opened}");
    }

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn links_in_an_image_lead_nowhere_else() {
    let image = complete()
        .link("up", "../../../../../..")
        .link("host", "/proc/1/root")
        .link("etc/hostname", "/../../../etc/hostname")
        .link("cyclone", "/veritech/cyclone");
    let stored = Stored::with(image).await;
    let (sandbox, mut probe) = launch(&stored.engine, stored.spec(1).await).await;

    let root = "cyclone,dev,etc,host,proc,tmp,up,veritech";
    assert_eq!(probe.ask("list /").await, root);
    assert_eq!(probe.ask("list /up").await, root);
    let host = probe.ask("list /host").await;
    assert!(host == root || host.starts_with("refused"), "{host}");
    let name = probe.ask("read /etc/hostname").await;
    assert!(name.starts_with("refused"), "{name}");

    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn mount_points_that_are_links_are_refused_though_the_store_let_them_in() {
    let stored = Stored::with(complete()).await;
    for (name, target) in [
        ("dev", "etc"),
        ("dev", "/veritech"),
        ("proc", "/proc"),
        ("tmp", "/images"),
    ] {
        let path = stored.rootfs().join(name);
        fs::remove_dir(&path).expect("removed");
        symlink(target, &path).expect("linked");

        let error = stored.fail_to_launch().await;

        assert_eq!(
            failed_step(&error),
            Some("stored image"),
            "{name}: {error:?}"
        );
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("made");
    }
    let (sandbox, _probe) = launch(&stored.engine, stored.spec(2).await).await;
    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn a_root_that_is_a_link_is_refused_though_the_store_let_it_in() {
    let stored = Stored::with(complete()).await;
    let spec = stored.spec(1).await;
    let rootfs = stored.rootfs();
    let aside = stored.directory.path().join("aside");
    fs::rename(&rootfs, &aside).expect("moved");
    symlink("/", &rootfs).expect("linked");

    let launched = stored.engine.launch(spec, CancellationToken::new()).await;

    let error = launched.expect_err("it fails");
    assert_eq!(failed_step(&error), Some("stored image"), "{error:?}");
}

#[tokio::test]
async fn an_image_without_the_cyclone_that_it_should_bring_fails_to_launch() {
    cannot_be_executed(Layout::new().label(RUNNER_LABEL, "/runner")).await;
}

#[tokio::test]
async fn an_image_whose_cyclone_is_garbage_fails_to_launch() {
    cannot_be_executed(with_cyclone(0o755, b"\x7fELF and no more")).await;
}

#[tokio::test]
async fn an_image_whose_cyclone_may_not_be_executed_fails_to_launch() {
    cannot_be_executed(with_cyclone(0o644, &program())).await;
}

async fn cannot_be_executed(image: Layout) {
    let error = Stored::with(image).await.fail_to_launch().await;
    assert_eq!(failed_step(&error), Some("execute cyclone"), "{error:?}");
}

#[tokio::test]
async fn an_image_whose_cyclone_takes_no_notice_can_be_removed() {
    let stored = Stored::with(complete()).await;
    let (sandbox, mut probe) = launch(&stored.engine, stored.spec(1).await).await;
    probe.tell("spin").await;

    sandbox.destroy().await.expect("it is destroyed");

    assert!(
        children(launcher(std::process::id())).is_empty(),
        "a process is left"
    );
}

#[tokio::test]
async fn an_image_without_a_runner_is_unsupported_unless_a_rule_fits() {
    let stored = Stored::new(executables()).await;
    let other = "example.com/other";
    Layout::new()
        .file("etc/motd", 0o644, b"")
        .import(&stored.store, other)
        .await;

    let cancel = CancellationToken::new();
    let prepared = stored
        .engine
        .prepare(other, "latest", &Silent, cancel)
        .await;

    let Err(PrepareError::Unsupported { reason, .. }) = prepared else {
        panic!("got {prepared:?}");
    };
    assert!(reason.contains(RUNNER_LABEL), "{reason}");
}

#[tokio::test]
async fn names_of_registries_are_recognised_only_with_a_store() {
    let stored = Stored::new(executables()).await;
    let plain = engine_with(Config::default()).await;

    let known = stored
        .engine
        .recognise(STORED, "latest")
        .expect("it may run");
    assert_eq!(known, None, "what it can do is known once it is prepared");
    assert!(stored.engine.recognise("builtin/quickjs", "latest").is_ok());
    for engine in [&stored.engine, &plain] {
        let unknown = engine.recognise("builtin/other", "latest");
        assert!(matches!(unknown, Err(PrepareError::Unsupported { .. })));
    }
    let unknown = plain.recognise(STORED, "latest");
    assert!(matches!(unknown, Err(PrepareError::Unsupported { .. })));
}

#[tokio::test]
async fn an_image_stays_while_a_sandbox_of_it_runs() {
    let stored = Stored::with(complete()).await;
    let (sandbox, mut probe) = launch(&stored.engine, stored.spec(1).await).await;
    let name = format!("{STORED}:latest");

    assert!(stored.store.remove(&name).await.is_err(), "it is in use");
    assert_eq!(probe.ask("read /etc/motd").await, "from the image");

    sandbox.destroy().await.expect("it is destroyed");
    let Stored {
        store,
        engine,
        directory,
    } = stored;
    drop(engine);
    eventually(DEADLINE, "image that can be removed", async || {
        store.remove(&name).await
    })
    .await;
    drop(directory);
}

#[tokio::test]
async fn an_image_that_was_not_used_for_a_while_can_be_removed() {
    let stored = Stored::with(complete()).await;
    let prepared = stored.prepare().await.expect("it is prepared");
    let removed = stored.store.remove(&prepared.reference).await;
    assert!(removed.is_err(), "it is held for those who launch it next");

    time::pause();
    time::advance(Duration::from_mins(7)).await;
    time::resume();

    eventually(DEADLINE, "image that can be removed", async || {
        stored.store.remove(&prepared.reference).await
    })
    .await;
}

#[tokio::test]
async fn an_image_that_was_let_go_of_is_found_again_by_its_digest() {
    let stored = Stored::with(complete()).await;
    let spec = stored.spec(1).await;
    // It has never heard of the image.
    let other = engine_with(stored_config(&stored.store)).await;

    let (sandbox, mut probe) = launch(&other, spec.clone()).await;
    assert_eq!(probe.ask("read /etc/motd").await, "from the image");
    sandbox.destroy().await.expect("it is destroyed");

    let gone = SandboxSpec {
        image: Image {
            digest: Some(format!("sha256:{}", "0".repeat(64))),
            ..spec.image
        },
        ..spec
    };
    let launched = other.launch(gone, CancellationToken::new()).await;
    let error = launched.expect_err("it fails");
    let step = failed_step(&error);
    assert!(step.is_some_and(|step| step.contains(STORED)), "{error:?}");
}

/// Remembers which phases of a preparation it was told of.
#[derive(Default)]
struct Heard(Mutex<Vec<Phase>>);

impl Progress for Heard {
    fn advance(&self, phase: Phase, _done: u64, _total: u64) {
        self.0.lock().push(phase);
    }
}

#[tokio::test]
async fn an_image_is_pulled_from_its_registry_when_it_is_asked_for() {
    let registry = Registry::start().await;
    let image = complete().build();
    registry.push(&image, "team/rules", "v1").await;
    let directory = tempfile::tempdir().expect("a directory");
    let store = StoreConfig::new(directory.path().join("store"));
    let store = Store::open(store).expect("the store is opened");
    let mut config = stored_config(&store);
    if let Some(images) = &mut config.registry_images {
        images.pull_policy = PullPolicy::IfNotPresent;
    }
    let engine = engine_with(config).await;
    let name = format!("{}/team/rules", registry.name());
    let heard = Heard::default();

    let prepared = engine
        .prepare(&name, "v1", &heard, CancellationToken::new())
        .await
        .expect("it is pulled");

    assert_eq!(prepared.reference, format!("{name}:v1"));
    assert_eq!(prepared.digest.as_deref(), Some(image.digest()));
    let heard = heard.0.into_inner();
    assert!(heard.contains(&Phase::Pulling), "{heard:?}");
    assert!(heard.contains(&Phase::Unpacking), "{heard:?}");
    let wanted = SandboxSpec {
        image: prepared,
        ..spec(1)
    };
    let (sandbox, mut probe) = launch(&engine, wanted).await;
    assert_eq!(probe.ask("read /etc/motd").await, "from the image");
    sandbox.destroy().await.expect("it is destroyed");

    let missing = engine.prepare(&name, "v2", &Silent, CancellationToken::new());
    let missing = missing.await;
    let Err(PrepareError::Unavailable { image, .. }) = missing else {
        panic!("got {missing:?}");
    };
    assert_eq!(image, format!("{name}:v2"));
}

#[tokio::test]
async fn a_launcher_that_is_started_anew_has_the_store_too() {
    let stored = Stored::with(complete()).await;
    let spec = stored.spec(1).await;
    let first = launcher(std::process::id());
    let pid = rustix::process::Pid::from_raw(first.try_into().expect("fits"));
    let kill = rustix::process::Signal::KILL;
    rustix::process::kill_process(pid.expect("a process"), kill).expect("killed");

    let sandbox = eventually(DEADLINE, "sandbox", async || {
        let cancel = CancellationToken::new();
        stored.engine.launch(spec.clone(), cancel).await
    })
    .await;

    assert_ne!(launcher(std::process::id()), first);
    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn the_doctor_says_where_the_store_is_and_how_much_is_in_it() {
    let stored = Stored::with(complete()).await;

    let checks = sandbox_native::check_host(&stored_config(&stored.store)).await;

    let check = checks.iter().find(|check| check.name == "image store");
    let check = check.expect("it looks at the store");
    assert!(check.ok, "{check:?}");
    let root = stored.store.root().display().to_string();
    assert!(check.detail.contains(&root), "{check:?}");
    assert!(check.detail.contains("1 image,"), "{check:?}");
}
