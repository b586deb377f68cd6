//! Checks the values and builds what the parts of the program are told.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use bytesize::ByteSize;
use sandbox::{OwnRunner, PullPolicy};
use serde::{Deserialize, Serialize};
use telemetry::LogFormat;
use veritech_protocol::{Bound, Bounds, Network, Subjects};
use veritech_server::{Config, Rate};

use super::engines::{self, EngineChoice, EngineSettings, RawDocker, RawNative, RawStore};
use super::images::{ImageRules, RawImages};
use super::layers::{ConfigurationFile, Layers};
use super::pool::{self, RawPool};
use crate::exit::UsageError;
use crate::redact;

/// The largest request that can be allowed: cyclone takes frames of up to
/// 32 MiB, and the frame of an execution holds a little more than its request.
const LARGEST_REQUEST: ByteSize = ByteSize::mib(31);

/// The slowest that what comes out of a sandbox can be read, per second.
const LEAST_MESSAGES: u64 = 1000;
const LEAST_BYTES: ByteSize = ByteSize::mib(1);

/// Everything as it is written, defaults filled in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    nats_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nats_credentials: Option<PathBuf>,
    insecure_nats: bool,
    subject_prefix: String,
    inbox_prefixes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_level: Option<String>,
    log_format: String,
    log_rate: NonZeroU32,
    places: NonZeroUsize,
    queue: usize,
    max_request: ByteSize,
    output_rate: RawRate,
    heartbeat: String,
    image_timeout: String,
    start_timeout: String,
    publish_timeout: String,
    drain_timeout: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_max: Option<usize>,
    pool_memory: ByteSize,
    pool_idle: String,
    limits: RawLimits,
    engine: EngineChoice,
    allow_egress: bool,
    #[serde(with = "engines::policy")]
    pull_policy: PullPolicy,
    insecure_registries: Vec<String>,
    store: RawStore,
    native: RawNative,
    docker: RawDocker,
    images: Vec<RawImages>,
    pool: RawPool,
}

/// How fast what comes out of one sandbox is read, per second.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawRate {
    messages: u64,
    bytes: ByteSize,
}

impl From<Rate> for RawRate {
    fn from(rate: Rate) -> Self {
        Self {
            messages: rate.messages,
            bytes: ByteSize(rate.bytes),
        }
    }
}

impl Default for RawRate {
    fn default() -> Self {
        Config::default().output_rate.into()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawLimits {
    default: RawTerms,
    maximum: RawTerms,
}

/// One value for each limit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawTerms {
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<ByteSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpus: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<ByteSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<ByteSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ByteSize>,
}

impl Default for RawLimits {
    fn default() -> Self {
        let bounds = Bounds::default();
        Self {
            default: RawTerms::from_bounds(&bounds, |bound| bound.default),
            maximum: RawTerms::from_bounds(&bounds, |bound| bound.maximum),
        }
    }
}

impl RawTerms {
    fn from_bounds(bounds: &Bounds, of: impl Fn(&Bound) -> u64) -> Self {
        let duration = |bound| Some(written(Duration::from_millis(of(bound))));
        let size = |bound| Some(ByteSize(of(bound)));
        #[expect(
            clippy::cast_precision_loss,
            reason = "thousandths of processors are small numbers"
        )]
        let cpus = of(&bounds.cpu_millis) as f64 / 1000.0;
        Self {
            timeout: duration(&bounds.timeout_ms),
            queue_timeout: duration(&bounds.queue_timeout_ms),
            memory: size(&bounds.memory_bytes),
            cpus: Some(cpus),
            cpu_time: duration(&bounds.cpu_time_ms),
            processes: Some(of(&bounds.processes)),
            disk: size(&bounds.disk_bytes),
            output: size(&bounds.output_bytes),
            result: size(&bounds.result_bytes),
        }
    }
}

impl Default for Raw {
    fn default() -> Self {
        let config = Config::default();
        Self {
            nats_url: "nats://127.0.0.1:4222".to_owned(),
            nats_credentials: None,
            insecure_nats: false,
            subject_prefix: String::new(),
            inbox_prefixes: config.inbox_prefixes,
            instance: None,
            log_level: None,
            log_format: "text".to_owned(),
            log_rate: telemetry::DEFAULT_RATE,
            places: config.places,
            queue: config.queue,
            max_request: ByteSize(u64::try_from(config.max_request_bytes).unwrap_or(u64::MAX)),
            output_rate: RawRate::from(config.output_rate),
            heartbeat: written(config.heartbeat),
            image_timeout: written(config.image_timeout),
            start_timeout: written(config.start_timeout),
            publish_timeout: written(config.publish_timeout),
            drain_timeout: written(config.drain_timeout),
            pool_max: None,
            pool_memory: ByteSize(config.pool.memory_bytes),
            pool_idle: written(config.pool.idle),
            limits: RawLimits::default(),
            engine: EngineChoice::default(),
            allow_egress: config.allow_egress,
            pull_policy: PullPolicy::default(),
            insecure_registries: Vec::new(),
            store: RawStore::default(),
            native: RawNative::default(),
            docker: RawDocker::default(),
            images: RawImages::of_engines(),
            pool: RawPool::new(),
        }
    }
}

fn written(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// What only those who take requests look at.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "engines need Linux")
)]
pub(crate) struct Serving {
    /// Whether requests may come from a NATS server elsewhere that takes whoever
    /// connects, in the clear.
    pub(crate) insecure_nats: bool,
    /// What stands in front of every subject.
    pub(crate) subject_prefix: String,
    /// The file that was read.
    pub(crate) file: Option<ConfigurationFile>,
}

/// The configuration in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where NATS is.
    pub(crate) nats_url: String,
    /// How NATS lets us in.
    pub(crate) nats_credentials: Option<PathBuf>,
    /// What only those who take requests look at.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "engines need Linux")
    )]
    pub(crate) serving: Serving,
    /// What is logged, if that was said.
    pub(crate) log_level: Option<String>,
    /// How it is logged.
    pub(crate) log_format: LogFormat,
    /// How many lines a second each place in the code may log.
    pub(crate) log_rate: NonZeroU32,
    /// What the dispatcher is told.
    pub(crate) dispatcher: Config,
    /// What engines are told.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "engines need Linux")
    )]
    pub(crate) engines: EngineSettings,
    /// Which images may run.
    pub(crate) images: ImageRules,
    /// The same as TOML, secrets left out.
    pub(crate) shown: String,
}

impl Settings {
    /// Checks what the sources said.
    pub(crate) fn from_layers(layers: &Layers) -> anyhow::Result<Self> {
        let text = layers.table().to_string();
        let mut raw: Raw = serde_path_to_error::deserialize(layers.table().clone())
            .map_err(|error| UsageError(wrong(&error.path().to_string(), error.inner())))
            .with_context(|| {
                format!(
                    "the configuration is invalid ({} keys were set)",
                    text.lines().count()
                )
            })?;
        let settings_shown = shown(&mut raw)?;
        let bounds = bounds(&raw.limits)?;
        let log_format = match raw.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                return Err(usage(
                    "log_format",
                    &format!("must be `text` or `json`, got `{other}`"),
                ));
            }
        };
        let subjects = Subjects::try_new(&raw.subject_prefix)
            .map_err(|error| usage("subject_prefix", &error.to_string()))?;
        for prefix in &raw.inbox_prefixes {
            Subjects::try_new(prefix)
                .ok()
                .filter(|_| !prefix.is_empty())
                .ok_or_else(|| usage("inbox_prefixes", "must be tokens separated by dots"))?;
        }
        if raw.max_request > LARGEST_REQUEST {
            return Err(usage(
                "max_request",
                &format!("must be at most 31MiB, got {}", raw.max_request),
            ));
        }
        let output_rate = output_rate(&raw.output_rate)?;
        let images =
            ImageRules::try_new(&raw.images).map_err(|(key, problem)| usage(&key, &problem))?;
        let engines = EngineSettings {
            choice: raw.engine,
            pull_policy: raw.pull_policy,
            insecure_registries: raw.insecure_registries,
            image_timeout: duration("image_timeout", &raw.image_timeout)?,
            docker_call_timeout: duration("docker.call_timeout", &raw.docker.call_timeout)?,
            allow_egress: raw.allow_egress,
            store: raw.store,
            native: raw.native,
            docker: raw.docker,
        };
        engines
            .check()
            .map_err(|(key, problem)| usage(key, &problem))?;
        let dispatcher = Config {
            instance: raw.instance.unwrap_or_else(default_instance),
            places: raw.places,
            queue: raw.queue,
            max_request_bytes: usize::try_from(raw.max_request.as_u64()).unwrap_or(usize::MAX),
            bounds,
            output_rate,
            heartbeat: duration("heartbeat", &raw.heartbeat)?,
            image_timeout: engines.image_timeout,
            start_timeout: duration("start_timeout", &raw.start_timeout)?,
            publish_timeout: duration("publish_timeout", &raw.publish_timeout)?,
            drain_timeout: duration("drain_timeout", &raw.drain_timeout)?,
            allowed_images: images.allowed.clone(),
            allow_egress: raw.allow_egress,
            pool: pool::read(&raw.pool, raw.pool_max, raw.pool_memory, &raw.pool_idle)?,
            subjects,
            inbox_prefixes: raw.inbox_prefixes,
        };
        if dispatcher.heartbeat < Duration::from_millis(50) {
            return Err(usage("heartbeat", "must be at least 50ms"));
        }
        Ok(Self {
            nats_url: raw.nats_url,
            nats_credentials: raw.nats_credentials,
            serving: Serving {
                insecure_nats: raw.insecure_nats,
                subject_prefix: raw.subject_prefix,
                file: layers.file().cloned(),
            },
            log_level: raw.log_level,
            log_format,
            log_rate: raw.log_rate,
            dispatcher,
            engines,
            images,
            shown: settings_shown,
        })
    }
}

impl Settings {
    /// Allows every image, with `runner` injected where nothing else is said, and
    /// the network that was asked for.
    pub(crate) fn allow_all(&mut self, runner: Option<OwnRunner>, network: Network) {
        self.images.allow_all(runner);
        self.dispatcher
            .allowed_images
            .clone_from(&self.images.allowed);
        let egress = network == Network::Egress;
        self.dispatcher.allow_egress = egress;
        self.engines.allow_egress = egress;
    }
}

fn shown(raw: &mut Raw) -> anyhow::Result<String> {
    let nats_url = raw.nats_url.clone();
    raw.nats_url = redact::url(&nats_url);
    let shown = toml::to_string(raw).context("the configuration cannot be written")?;
    raw.nats_url = nats_url;
    Ok(shown)
}

pub(super) fn usage(key: &str, problem: &str) -> anyhow::Error {
    UsageError(format!("configuration key `{key}` {problem}")).into()
}

fn wrong(path: &str, error: &impl std::fmt::Display) -> String {
    format!("configuration key `{path}`: {}", error.to_string().trim())
}

pub(super) fn duration(key: &str, text: &str) -> anyhow::Result<Duration> {
    let duration = humantime::parse_duration(text).map_err(|_| {
        usage(
            key,
            &format!("must be a duration such as `30s`, got `{text}`"),
        )
    })?;
    if duration.is_zero() {
        return Err(usage(key, "must be over 0s"));
    }
    Ok(duration)
}

/// Refuses rates at which a session would seem to have died.
fn output_rate(rate: &RawRate) -> anyhow::Result<Rate> {
    if rate.messages < LEAST_MESSAGES {
        let problem = format!("must be at least {LEAST_MESSAGES}, got {}", rate.messages);
        return Err(usage("output_rate.messages", &problem));
    }
    if rate.bytes < LEAST_BYTES {
        let problem = format!("must be at least {LEAST_BYTES}, got {}", rate.bytes);
        return Err(usage("output_rate.bytes", &problem));
    }
    Ok(Rate {
        messages: rate.messages,
        bytes: rate.bytes.as_u64(),
    })
}

fn bounds(limits: &RawLimits) -> anyhow::Result<Bounds> {
    let built_in = Bounds::default();
    let RawLimits { default, maximum } = limits;
    let bound = |name: &str, default: Option<u64>, maximum: Option<u64>, built_in: Bound| {
        let bound = Bound {
            default: default.unwrap_or(built_in.default),
            maximum: maximum.unwrap_or(built_in.maximum),
        };
        if bound.default > bound.maximum {
            return Err(usage(
                &format!("limits.default.{name}"),
                &format!("must be at most limits.maximum.{name}"),
            ));
        }
        Ok(bound)
    };
    let millis = |name: &str, text: &Option<String>| {
        let parsed = text.as_ref().map(|text| duration(name, text)).transpose()?;
        anyhow::Ok(parsed.map(|value| u64::try_from(value.as_millis()).unwrap_or(u64::MAX)))
    };
    let size = |size: Option<ByteSize>| size.map(|size| size.as_u64());
    let thousandths = |cpus: Option<f64>| -> anyhow::Result<Option<u64>> {
        let Some(cpus) = cpus else { return Ok(None) };
        if !(cpus > 0.0 && cpus <= 4096.0) {
            return Err(usage("limits.*.cpus", "must be over 0 and at most 4096"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 4096000"
        )]
        Ok(Some((cpus * 1000.0).ceil() as u64))
    };
    Ok(Bounds {
        timeout_ms: bound(
            "timeout",
            millis("limits.default.timeout", &default.timeout)?,
            millis("limits.maximum.timeout", &maximum.timeout)?,
            built_in.timeout_ms,
        )?,
        queue_timeout_ms: bound(
            "queue_timeout",
            millis("limits.default.queue_timeout", &default.queue_timeout)?,
            millis("limits.maximum.queue_timeout", &maximum.queue_timeout)?,
            built_in.queue_timeout_ms,
        )?,
        memory_bytes: bound(
            "memory",
            size(default.memory),
            size(maximum.memory),
            built_in.memory_bytes,
        )?,
        cpu_millis: bound(
            "cpus",
            thousandths(default.cpus)?,
            thousandths(maximum.cpus)?,
            built_in.cpu_millis,
        )?,
        cpu_time_ms: bound(
            "cpu_time",
            millis("limits.default.cpu_time", &default.cpu_time)?,
            millis("limits.maximum.cpu_time", &maximum.cpu_time)?,
            built_in.cpu_time_ms,
        )?,
        processes: bound(
            "processes",
            default.processes,
            maximum.processes,
            built_in.processes,
        )?,
        disk_bytes: bound(
            "disk",
            size(default.disk),
            size(maximum.disk),
            built_in.disk_bytes,
        )?,
        output_bytes: bound(
            "output",
            size(default.output),
            size(maximum.output),
            built_in.output_bytes,
        )?,
        result_bytes: bound(
            "result",
            size(default.result),
            size(maximum.result),
            built_in.result_bytes,
        )?,
    })
}

/// The host's name and the process id.
fn default_instance() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if host.is_empty() { "veritech" } else { host };
    format!("{host}-{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str) -> anyhow::Result<Settings> {
        let mut layers = Layers::default();
        let table: toml::Table = toml::from_str(toml).expect("TOML");
        for (key, value) in table {
            layers.set(&key, value);
        }
        Settings::from_layers(&layers)
    }

    #[test]
    fn the_defaults_are_valid_and_can_be_written_back() {
        let defaults = settings("").expect("valid");
        let again = settings(&defaults.shown).expect("valid");
        assert_eq!(again.dispatcher.bounds, defaults.dispatcher.bounds);
        assert_eq!(defaults.dispatcher.bounds, Bounds::default());
    }

    #[test]
    fn a_wrong_value_is_named_by_its_key() {
        for (toml, key) in [
            ("heartbeat = '1 fortnight'", "heartbeat"),
            ("places = 0", "places"),
            ("log_format = 'xml'", "log_format"),
            ("max_request = '48MiB'", "max_request"),
            ("[limits.default]\nmemory = '1TiB'", "limits.default.memory"),
            ("[limits.default]\nmemory = 'lots'", "limits.default.memory"),
            ("[pool]\n'../x' = 1", "pool"),
            ("pool_idle = '0s'", "pool_idle"),
            ("pool_max = 2\n[pool]\n'builtin/quickjs' = 3", "pool_max"),
            ("inbox_prefixes = ['>']", "inbox_prefixes"),
        ] {
            let error = format!("{:#}", settings(toml).expect_err(toml));
            assert!(error.contains(key), "{toml}: {error}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for url in ["nats://user:secret@host:4222", "user:secret@host:4222"] {
            let settings = settings(&format!("nats_url = '{url}'")).expect("valid");
            assert!(!settings.shown.contains("secret"), "{}", settings.shown);
            assert!(settings.shown.contains("host:4222"), "{}", settings.shown);
            assert_eq!(settings.nats_url, url);
        }
    }
}
