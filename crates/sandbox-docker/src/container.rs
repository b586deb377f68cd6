//! What a container is created with: the walls of a sandbox.
//!
//! Pure: a plan goes in, a request to the daemon comes out.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig,
    Mount, MountTmpfsOptions, MountType, MountVolumeOptions, PortBinding, ResourcesUlimits,
};
use sandbox::programs::{CYCLONE, DIRECTORY};
use sandbox::{Limits, Network, Runner, SandboxId, command_within};

use crate::{egress, port};

/// The label with the instance of the dispatcher that a container belongs to.
pub(crate) const INSTANCE_LABEL: &str = "org.veritech.instance";

/// The label with the name of the sandbox that a container is.
pub(crate) const SANDBOX_LABEL: &str = "org.veritech.sandbox";

/// The label with the process id of the dispatcher, for whoever looks at containers
/// and wonders whose they are.
pub(crate) const PROCESS_LABEL: &str = "org.veritech.process";

/// The label of the container that lives as long as a dispatcher's instance does.
pub(crate) const LEASE_LABEL: &str = "org.veritech.lease";

/// The first of the users and groups that sandboxes get.
const FIRST_UID: u64 = 10_000;

/// How many of them there are.
const UIDS: u64 = 50_000;

/// Scratch space per file that can be made on it, in bytes.
const BYTES_PER_INODE: u64 = 4096;

/// Files that even the smallest scratch space has.
const FEWEST_INODES: u64 = 64;

/// Files that each process may have open.
const OPEN_FILES: u64 = 1024;

/// Bytes that each process may lock in memory.
const LOCKED_BYTES: u64 = 64 * 1024;

/// What a lease may use: next to nothing.
const LEASE_MEMORY_BYTES: u64 = 64 << 20;
const LEASE_PROCESSES: u32 = 16;

/// What containers see as empty: what Docker hides anyway, and all that the kernel
/// tells of the host's devices and cgroups.
const MASKED: [&str; 10] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys",
];

/// What is to become a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) id: SandboxId,
    pub(crate) instance: &'a str,
    /// The image, by its immutable id.
    pub(crate) image_id: &'a str,
    /// The names of the variables that the image sets.
    pub(crate) variables: &'a [String],
    /// The directories that the image wants volumes at.
    pub(crate) volumes: &'a [String],
    pub(crate) runner: &'a Runner,
    /// The volume with cyclone and the runners, where the image lacks them.
    pub(crate) injected: Option<&'a str>,
    pub(crate) seccomp: &'a str,
    pub(crate) limits: &'a Limits,
    /// How many processors the daemon's host has.
    pub(crate) processors: u64,
    pub(crate) network: Network,
    /// Whether cyclone listens on a published port, instead of standard input.
    pub(crate) published: bool,
}

/// Returns the name of a sandbox's container.
pub(crate) fn name(instance: &str, id: SandboxId) -> String {
    format!("veritech-{instance}-{}", id.0)
}

/// Returns the name of an instance's lease.
pub(crate) fn lease_name(instance: &str) -> String {
    format!("veritech-{instance}-lease")
}

/// Returns what a sandbox's container is created with.
pub(crate) fn sandbox(plan: Plan<'_>) -> ContainerCreateBody {
    let limits = plan.limits;
    let listen = if plan.published {
        port::LISTEN
    } else {
        "stdio:"
    };
    let mut command = vec![
        "--listen".to_owned(),
        listen.to_owned(),
        "--runner".to_owned(),
        command_within(&plan.runner.command, limits),
    ];
    for variable in &plan.runner.environment {
        command.extend(["--runner-env".to_owned(), variable.clone()]);
    }
    let mut mounts: Vec<Mount> = plan.volumes.iter().map(|path| nothing_at(path)).collect();
    mounts.extend(plan.injected.map(programs));
    let mut body = walled(
        plan.image_id,
        command,
        plan.seccomp,
        limits,
        plan.processors,
    );
    let uid = FIRST_UID.saturating_add(plan.id.0 % UIDS);
    body.user = Some(format!("{uid}:{uid}"));
    // One without a value takes the variable away.
    let own = ["PATH", "HOSTNAME"].map(str::to_owned);
    body.env = Some(
        own.into_iter()
            .chain(plan.variables.iter().cloned())
            .collect(),
    );
    body.labels = Some(HashMap::from([
        (INSTANCE_LABEL.to_owned(), plan.instance.to_owned()),
        (SANDBOX_LABEL.to_owned(), plan.id.to_string()),
        (PROCESS_LABEL.to_owned(), std::process::id().to_string()),
    ]));
    if let Some(host) = &mut body.host_config {
        host.mounts = Some(mounts);
        match plan.network {
            Network::None => {}
            Network::Egress => {
                body.network_disabled = Some(false);
                host.network_mode = Some(egress::NETWORK.to_owned());
            }
        }
        if plan.published {
            body.exposed_ports = Some(vec![port::PORT.to_owned()]);
            // On any free port of the loopback interface.
            let binding = PortBinding {
                host_ip: Some(Ipv4Addr::LOCALHOST.to_string()),
                host_port: Some("0".to_owned()),
            };
            host.port_bindings = Some(HashMap::from([(
                port::PORT.to_owned(),
                Some(vec![binding]),
            )]));
        }
    }
    body
}

/// Returns what the container of an instance's lease is created with: a cyclone
/// that waits, until its standard input ends.
pub(crate) fn lease(image_id: &str, instance: &str, seccomp: &str) -> ContainerCreateBody {
    let limits = Limits {
        memory_bytes: LEASE_MEMORY_BYTES,
        cpu_millis: 1000,
        cpu_time: std::time::Duration::MAX,
        processes: LEASE_PROCESSES,
        disk_bytes: BYTES_PER_INODE,
    };
    let command = ["--listen", "stdio:", "--runner", "/veritech/quickjs"].map(str::to_owned);
    let mut body = walled(image_id, command.to_vec(), seccomp, &limits, 1);
    body.user = Some(format!("{FIRST_UID}:{FIRST_UID}"));
    body.labels = Some(HashMap::from([
        (INSTANCE_LABEL.to_owned(), instance.to_owned()),
        (LEASE_LABEL.to_owned(), instance.to_owned()),
        (PROCESS_LABEL.to_owned(), std::process::id().to_string()),
    ]));
    body
}

/// Returns what every container of ours is created with.
fn walled(
    image_id: &str,
    command: Vec<String>,
    seccomp: &str,
    limits: &Limits,
    processors: u64,
) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image_id.to_owned()),
        hostname: Some("sandbox".to_owned()),
        entrypoint: Some(vec![CYCLONE.to_owned()]),
        cmd: Some(command),
        working_dir: Some("/tmp".to_owned()),
        healthcheck: Some(HealthConfig {
            test: Some(vec!["NONE".to_owned()]),
            ..HealthConfig::default()
        }),
        // A daemon that is stopped need not wait for cyclone to heed a signal.
        stop_signal: Some("SIGKILL".to_owned()),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        open_stdin: Some(true),
        // When the dispatcher is gone, so is standard input, and with it cyclone.
        stdin_once: Some(true),
        tty: Some(false),
        network_disabled: Some(true),
        host_config: Some(walls(seccomp, limits, processors)),
        ..ContainerCreateBody::default()
    }
}

fn walls(seccomp: &str, limits: &Limits, processors: u64) -> HostConfig {
    let inodes = FEWEST_INODES.max(limits.disk_bytes / BYTES_PER_INODE);
    let scratch = format!(
        "rw,noexec,nosuid,nodev,size={},nr_inodes={inodes},mode=1777",
        limits.disk_bytes
    );
    let cpus = u64::from(limits.cpu_millis).min(processors.saturating_mul(1000));
    HostConfig {
        network_mode: Some("none".to_owned()),
        readonly_rootfs: Some(true),
        tmpfs: Some(HashMap::from([("/tmp".to_owned(), scratch)])),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec![
            "no-new-privileges:true".to_owned(),
            format!("seccomp={seccomp}"),
        ]),
        ipc_mode: Some("none".to_owned()),
        masked_paths: Some(MASKED.map(str::to_owned).to_vec()),
        cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
        privileged: Some(false),
        memory: Some(signed(limits.memory_bytes)),
        // The sum of memory and swap: no swap.
        memory_swap: Some(signed(limits.memory_bytes)),
        nano_cpus: Some(signed(cpus.saturating_mul(1_000_000))),
        pids_limit: Some(limits.processes.into()),
        ulimits: Some(ulimits(limits)),
        log_config: Some(HostConfigLogConfig {
            typ: Some("none".to_owned()),
            config: None,
        }),
        init: Some(false),
        auto_remove: Some(true),
        ..HostConfig::default()
    }
}

fn ulimits(limits: &Limits) -> Vec<ResourcesUlimits> {
    let mut table = vec![
        ("core", 0),
        ("nofile", OPEN_FILES),
        ("memlock", LOCKED_BYTES),
        ("msgqueue", 0),
        ("rtprio", 0),
        // A little more than fits, so that a full disk is found full first.
        ("fsize", limits.disk_bytes.saturating_add(4096)),
    ];
    // A second line behind the sum over all processes.
    let seconds = limits.cpu_time.as_secs().saturating_add(2);
    if i64::try_from(seconds).is_ok() {
        table.push(("cpu", seconds));
    }
    table
        .into_iter()
        .map(|(name, limit)| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(signed(limit)),
            hard: Some(signed(limit)),
        })
        .collect()
}

/// Returns the mount of the volume with cyclone and the runners.
fn programs(volume: &str) -> Mount {
    Mount {
        target: Some(DIRECTORY.to_owned()),
        source: Some(volume.to_owned()),
        typ: Some(MountType::VOLUME),
        read_only: Some(true),
        volume_options: Some(MountVolumeOptions {
            no_copy: Some(true),
            ..MountVolumeOptions::default()
        }),
        ..Mount::default()
    }
}

/// Returns a mount that keeps an image's volume from becoming a writable
/// directory of the daemon's host.
fn nothing_at(path: &str) -> Mount {
    Mount {
        target: Some(path.to_owned()),
        typ: Some(MountType::TMPFS),
        read_only: Some(true),
        tmpfs_options: Some(MountTmpfsOptions {
            size_bytes: Some(4096),
            mode: Some(0o555),
            ..MountTmpfsOptions::default()
        }),
        ..Mount::default()
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
