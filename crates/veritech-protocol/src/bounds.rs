//! What a request may ask for, and what it gets when it does not ask.

use std::time::Duration;

use crate::request::{RemoteFunctionRequest, RequestError};

/// A default and a maximum, both in the unit of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What a request gets that asks for nothing.
    pub default: u64,
    /// The most that a request may ask for.
    pub maximum: u64,
}

/// The configured bounds of every limit of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// `timeout_ms`.
    pub timeout_ms: Bound,
    /// `queue_timeout_ms`.
    pub queue_timeout_ms: Bound,
    /// `limits.memory_bytes`.
    pub memory_bytes: Bound,
    /// `limits.cpus`, in thousandths.
    pub cpu_millis: Bound,
    /// `limits.cpu_time_ms`.
    pub cpu_time_ms: Bound,
    /// `limits.processes`.
    pub processes: Bound,
    /// `limits.disk_bytes`.
    pub disk_bytes: Bound,
    /// `limits.output_bytes`.
    pub output_bytes: Bound,
    /// `limits.result_bytes`.
    pub result_bytes: Bound,
}

/// What one request was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long the function may run.
    pub timeout: Duration,
    /// How long the request may wait for a place.
    pub queue_timeout: Duration,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Processors, in thousandths.
    pub cpu_millis: u32,
    /// Processor time.
    pub cpu_time: Duration,
    /// Processes and threads.
    pub processes: u32,
    /// Bytes of scratch files.
    pub disk_bytes: u64,
    /// Bytes of output.
    pub output_bytes: u64,
    /// Bytes of the value.
    pub result_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        let bound = |default, maximum| Bound { default, maximum };
        Self {
            timeout_ms: bound(30_000, 3_600_000),
            queue_timeout_ms: bound(10_000, 600_000),
            memory_bytes: bound(256 * MIB, 4096 * MIB),
            cpu_millis: bound(1000, 16_000),
            cpu_time_ms: bound(30_000, 3_600_000),
            processes: bound(64, 1024),
            disk_bytes: bound(64 * MIB, 1024 * MIB),
            output_bytes: bound(MIB, 64 * MIB),
            result_bytes: bound(MIB, 64 * MIB),
        }
    }
}

impl Bounds {
    /// Grants a request what it asks for, or the defaults.
    ///
    /// # Errors
    ///
    /// Returns the first field that asks for nothing at all or for too much.
    pub fn grant(&self, request: &RemoteFunctionRequest) -> Result<Terms, RequestError> {
        let limits = &request.limits;
        // A processor count has three decimal places; anything finer rounds up.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the conversion of floats saturates, and `resolve` bounds the result"
        )]
        let cpu_millis = limits.cpus.map(|cpus| (cpus * 1000.0).ceil() as u64);
        let processes = limits.processes.map(u64::from);
        Ok(Terms {
            timeout: Duration::from_millis(
                self.timeout_ms.resolve("timeout_ms", request.timeout_ms)?,
            ),
            queue_timeout: Duration::from_millis(
                self.queue_timeout_ms
                    .allow_zero("queue_timeout_ms", request.queue_timeout_ms)?,
            ),
            memory_bytes: self
                .memory_bytes
                .resolve("limits.memory_bytes", limits.memory_bytes)?,
            cpu_millis: narrow(
                "limits.cpus",
                self.cpu_millis
                    .resolve("limits.cpus (in thousandths)", cpu_millis)?,
            )?,
            cpu_time: Duration::from_millis(
                self.cpu_time_ms
                    .resolve("limits.cpu_time_ms", limits.cpu_time_ms)?,
            ),
            processes: narrow(
                "limits.processes",
                self.processes.resolve("limits.processes", processes)?,
            )?,
            disk_bytes: self
                .disk_bytes
                .resolve("limits.disk_bytes", limits.disk_bytes)?,
            output_bytes: self
                .output_bytes
                .allow_zero("limits.output_bytes", limits.output_bytes)?,
            result_bytes: self
                .result_bytes
                .resolve("limits.result_bytes", limits.result_bytes)?,
        })
    }
}

impl Bound {
    fn resolve(self, field: &'static str, asked: Option<u64>) -> Result<u64, RequestError> {
        if asked == Some(0) {
            return Err(RequestError::field(
                field,
                format!("must be at least 1 and at most {}, got 0", self.maximum),
            ));
        }
        self.allow_zero(field, asked)
    }

    fn allow_zero(self, field: &'static str, asked: Option<u64>) -> Result<u64, RequestError> {
        let granted = asked.unwrap_or(self.default);
        if granted > self.maximum {
            return Err(RequestError::field(
                field,
                format!("must be at most {}, got {granted}", self.maximum),
            ));
        }
        Ok(granted)
    }
}

fn narrow(field: &'static str, value: u64) -> Result<u32, RequestError> {
    u32::try_from(value)
        .map_err(|_| RequestError::field(field, format!("must be at most {}", u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RequestedLimits;

    fn request(limits: RequestedLimits) -> RemoteFunctionRequest {
        let mut request = RemoteFunctionRequest::new(
            crate::Kind::Resolver,
            "builtin/quickjs",
            "export default 1",
        );
        request.limits = limits;
        request
    }

    #[test]
    fn a_request_that_asks_for_nothing_gets_the_defaults() {
        let terms = Bounds::default()
            .grant(&request(RequestedLimits::default()))
            .expect("granted");
        assert_eq!(terms.timeout, Duration::from_secs(30));
        assert_eq!(terms.cpu_millis, 1000);
        assert_eq!(terms.memory_bytes, 256 << 20);
    }

    #[test]
    fn too_much_and_nothing_at_all_are_refused_by_name_and_limit() {
        for (limits, words) in [
            (
                RequestedLimits {
                    memory_bytes: Some(u64::MAX),
                    ..Default::default()
                },
                ["limits.memory_bytes", "4294967296"],
            ),
            (
                RequestedLimits {
                    cpus: Some(1e300),
                    ..Default::default()
                },
                ["limits.cpus", "16000"],
            ),
            (
                RequestedLimits {
                    processes: Some(0),
                    ..Default::default()
                },
                ["limits.processes", "at least 1"],
            ),
        ] {
            let error = Bounds::default()
                .grant(&request(limits))
                .expect_err("refused");
            let text = error.to_string();
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
        }
    }
}
