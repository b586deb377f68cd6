//! Which sandboxes are kept ready.

use std::collections::BTreeMap;
use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};
use veritech_protocol::ImageReference;
use veritech_server::{PoolConfig, WarmImage};

use super::raw::{duration, usage};

/// How many sandboxes may wait at all, whatever is configured.
const LARGEST: usize = 1000;

/// `[pool]`: image names, and how many sandboxes of each wait.
pub(super) type RawPool = BTreeMap<String, RawWarm>;

/// What is written beside an image's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number of sandboxes, or `{ min = …, max = … }`"
)]
pub(super) enum RawWarm {
    /// Always so many.
    Count(usize),
    /// As many as are called for, between these.
    Range(RawRange),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRange {
    #[serde(default)]
    min: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<usize>,
}

/// Returns what the keys of the pool say.
pub(super) fn read(
    images: &RawPool,
    count: Option<usize>,
    memory: ByteSize,
    idle: &str,
) -> anyhow::Result<PoolConfig> {
    let minima = images.values().map(RawWarm::minimum);
    let minima = minima.fold(0, usize::saturating_add);
    let built_in = PoolConfig::default().count;
    let count = match count {
        Some(count) if count < minima => {
            let problem = format!("must be at least {minima}, which `[pool]` asks for");
            return Err(usage("pool_max", &problem));
        }
        Some(count) => count,
        None => built_in.max(minima),
    };
    if count > LARGEST {
        let problem = format!("must be at most {LARGEST}, with what `[pool]` asks for");
        return Err(usage("pool_max", &problem));
    }
    Ok(PoolConfig {
        images: images
            .iter()
            .map(|(name, raw)| warm_image(name, raw, count))
            .collect::<Result<_, _>>()?,
        count,
        memory_bytes: memory.as_u64(),
        idle: idle_time(idle)?,
    })
}

fn idle_time(text: &str) -> anyhow::Result<Duration> {
    let idle = duration("pool_idle", text)?;
    if idle < Duration::from_secs(1) {
        return Err(usage("pool_idle", "must be at least 1s"));
    }
    Ok(idle)
}

fn warm_image(name: &str, raw: &RawWarm, most: usize) -> anyhow::Result<WarmImage> {
    let key = format!("pool.\"{name}\"");
    let reference: ImageReference = name
        .parse()
        .map_err(|error| usage(&key, &format!("`{name}` {error}")))?;
    let (minimum, maximum) = (raw.minimum(), raw.maximum(most));
    if minimum > maximum {
        let problem = format!("`min` is {minimum} and must be at most `max`, {maximum}");
        return Err(usage(&key, &problem));
    }
    Ok(WarmImage {
        image: ImageReference::image(&reference).to_owned(),
        tag: ImageReference::tag(&reference).to_owned(),
        minimum,
        maximum,
    })
}

impl RawWarm {
    fn minimum(&self) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::Range(range) => range.min,
        }
    }

    fn maximum(&self, most: usize) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::Range(range) => range.max.unwrap_or(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(toml: &str, count: Option<usize>) -> anyhow::Result<PoolConfig> {
        let images: RawPool = toml::from_str(toml)?;
        read(&images, count, ByteSize::gib(1), "30s")
    }

    #[test]
    fn a_number_is_both_the_least_and_the_most() {
        let config = pool("'builtin/quickjs' = 3\n'host/node' = { min = 1 }", None);
        let config = config.expect("valid");
        let ranges: Vec<_> = config
            .images
            .iter()
            .map(|image| (image.image.as_str(), image.minimum, image.maximum))
            .collect();
        assert_eq!(
            ranges,
            [("builtin/quickjs", 3, 3), ("host/node", 1, config.count)]
        );
    }

    #[test]
    fn more_than_is_usual_may_be_asked_for() {
        let config = pool("'builtin/quickjs' = 100\n'host/node' = 50", None);
        assert_eq!(config.expect("valid").count, 150);
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_key() {
        for (toml, count, key, problem) in [
            ("'../x' = 1", None, "pool.\"../x\"", "../x"),
            (
                "'a/b' = { min = 3, max = 2 }",
                None,
                "pool.\"a/b\"",
                "at most `max`",
            ),
            ("'a/b' = 9", Some(8), "pool_max", "at least 9"),
            ("'a/b' = 1001", None, "pool_max", "at most 1000"),
            ("'a/b' = 'many'", None, "a/b", "a number of sandboxes"),
            ("'a/b' = { mim = 1 }", None, "a/b", "`{ min = …, max = … }`"),
        ] {
            let error = format!("{:#}", pool(toml, count).expect_err(toml));
            assert!(error.contains(key) && error.contains(problem), "{error}");
        }
    }
}
