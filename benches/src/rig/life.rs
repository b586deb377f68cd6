//! Programs that are started without a sandbox, or in namespaces alone: what nothing can
//! beat.

use std::fs::{self, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use descriptors::ChildSetup;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use rustix::mount::{MountPropagationFlags, UnmountFlags, mount_change, unmount};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use tempfile::TempDir;
use tokio::time::Instant;

use super::process;
use crate::timing::contest::Measured;
use crate::timing::samples::Sample;

/// The descriptor on which a runner speaks.
const CHANNEL: i32 = 3;

/// Programs that veritech carries, to be started without it.
pub(crate) struct Files(TempDir);

impl Files {
    /// Writes them to a directory of their own.
    pub(crate) fn write() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("veritech-bench-")
            .tempdir()?;
        let executables = [
            ("launcher", builtin::LAUNCHER),
            ("quickjs", builtin::QUICKJS),
        ];
        for (name, bytes) in executables {
            let path = directory.path().join(name);
            fs::write(&path, bytes)?;
            fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        }
        Ok(Self(directory))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns a small static program that ends at once.
    pub(crate) fn small(&self) -> Life {
        Life::new(Command::new(self.path("launcher")), Until::End)
    }

    /// Returns the same in seven namespaces of its own.
    pub(crate) fn in_namespaces(&self) -> Life {
        self.small().inside(Inside::Namespaces)
    }

    /// Returns the QuickJS runner until it is ready.
    pub(crate) fn quickjs(&self) -> Life {
        Life::new(Command::new(self.path("quickjs")), Until::Channel)
    }
}

/// Returns Node.js until the first statement of a program of one statement.
pub(crate) fn node() -> Life {
    let mut command = Command::new(testkit::tools::node());
    command.args(["-e", "require('fs').writeSync(1, '.')"]);
    Life::new(command, Until::Output)
}

/// Returns Deno, likewise.
pub(crate) fn deno(files: &Files) -> anyhow::Result<Life> {
    let script = files.path("first.js");
    fs::write(&script, "Deno.stdout.writeSync(new Uint8Array(1));")?;
    let mut command = Command::new(testkit::tools::deno());
    command
        .args([
            "run",
            "--no-config",
            "--no-lock",
            "--no-code-cache",
            "--quiet",
        ])
        .arg(script)
        .env("DENO_DIR", "/dev/null");
    Ok(Life::new(command, Until::Output))
}

/// What a life is timed until.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    End,
    /// The first byte on standard output.
    Output,
    /// The first byte on the runners' channel.
    Channel,
}

/// What a program is started in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    Nothing,
    /// Seven namespaces of its own.
    Namespaces,
    /// Mounts of its own, without the cgroups of the second version that some hosts have beside
    /// those of the first: crun does not start there.
    MountsWithoutUnifiedCgroup,
}

/// A program, from its start to its end.
pub(crate) struct Life {
    program: PathBuf,
    arguments: Vec<std::ffi::OsString>,
    environment: Vec<(std::ffi::OsString, std::ffi::OsString)>,
    until: Until,
    inside: Inside,
}

impl Life {
    /// Returns the life of what `command` starts, but for its standard streams.
    pub(crate) fn new(command: Command, until: Until) -> Self {
        let owned = |text: &std::ffi::OsStr| text.to_owned();
        let environment = command.get_envs();
        Self {
            program: Path::new(command.get_program()).to_owned(),
            arguments: command.get_args().map(owned).collect(),
            environment: environment
                .filter_map(|(name, value)| Some((owned(name), owned(value?))))
                .collect(),
            until,
            inside: Inside::Nothing,
        }
    }

    /// Returns the same, started in something else.
    pub(crate) fn inside(self, inside: Inside) -> Self {
        Self { inside, ..self }
    }

    fn live(&self) -> anyhow::Result<Sample> {
        let before = process::of_children()?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let (channel, writer) = io::pipe()?;
        ChildSetup {
            descriptors: vec![(writer.into(), CHANNEL)],
            ..ChildSetup::default()
        }
        .apply(&mut command)?;
        enter(self.inside, &mut command);

        let begun = Instant::now();
        let spawned = command.spawn();
        let mut child =
            spawned.with_context(|| format!("{} does not start", self.program.display()))?;
        drop(command);
        let seen = self.see(&mut child, channel);
        let took = begun.elapsed();
        drop(child.stdin.take());
        // Of a runner that is ready nothing is wanted any more.
        drop(child.kill());
        child.wait()?;
        seen?;
        Ok(Sample {
            cpu: Some(process::of_children()?.saturating_sub(before)),
            ..Sample::of(took)
        })
    }

    /// Waits for what the life is timed until.
    fn see(&self, child: &mut Child, mut channel: io::PipeReader) -> anyhow::Result<()> {
        let mut byte = [0];
        match self.until {
            Until::End => drop(child.wait()?),
            Until::Channel => channel.read_exact(&mut byte)?,
            Until::Output => match child.stdout.as_mut() {
                Some(output) => output.read_exact(&mut byte)?,
                None => anyhow::bail!("invariant: a pipe was asked for"),
            },
        }
        Ok(())
    }
}

impl Measured for Life {
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
        async { self.live() }.boxed_local()
    }
}

/// Has the child go there before it executes.
#[expect(unsafe_code, reason = "`pre_exec` and `unshare` have no safe form")]
fn enter(inside: Inside, command: &mut Command) {
    let flags = match inside {
        Inside::Nothing => return,
        Inside::Namespaces => {
            UnshareFlags::NEWUSER
                | UnshareFlags::NEWNS
                | UnshareFlags::NEWPID
                | UnshareFlags::NEWNET
                | UnshareFlags::NEWIPC
                | UnshareFlags::NEWUTS
                | UnshareFlags::NEWCGROUP
        }
        Inside::MountsWithoutUnifiedCgroup => UnshareFlags::NEWNS,
    };
    let enter = move || {
        // SAFETY: descriptors and the working directory stay shared with nobody; the
        // flags that would change that are not among these.
        unsafe { unshare_unsafe(flags) }?;
        if inside == Inside::MountsWithoutUnifiedCgroup {
            let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
            mount_change(c"/", private)?;
            // It is not there on most hosts.
            unmount(c"/sys/fs/cgroup/unified", UnmountFlags::DETACH).ok();
        }
        Ok(())
    };
    // SAFETY: the closure makes system calls in the child, on values that were made before.
    unsafe { command.pre_exec(enter) };
}
