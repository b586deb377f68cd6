//! Every key there is.

/// The type of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    /// Text: also durations (`30s`) and sizes (`256MiB`).
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A list of texts; in the environment separated by commas.
    List,
}

/// Every key by its path, except the names of images under `pool`, and `images`.
pub(super) const KEYS: &[(&str, KeyType)] = &[
    ("nats_url", KeyType::Text),
    ("nats_credentials", KeyType::Text),
    ("insecure_nats", KeyType::Switch),
    ("subject_prefix", KeyType::Text),
    ("inbox_prefixes", KeyType::List),
    ("instance", KeyType::Text),
    ("log_level", KeyType::Text),
    ("log_format", KeyType::Text),
    ("log_rate", KeyType::Number),
    ("places", KeyType::Number),
    ("queue", KeyType::Number),
    ("max_request", KeyType::Text),
    ("output_rate.messages", KeyType::Number),
    ("output_rate.bytes", KeyType::Text),
    ("heartbeat", KeyType::Text),
    ("image_timeout", KeyType::Text),
    ("start_timeout", KeyType::Text),
    ("publish_timeout", KeyType::Text),
    ("drain_timeout", KeyType::Text),
    ("pool_max", KeyType::Number),
    ("pool_memory", KeyType::Text),
    ("pool_idle", KeyType::Text),
    ("limits.default.timeout", KeyType::Text),
    ("limits.default.queue_timeout", KeyType::Text),
    ("limits.default.memory", KeyType::Text),
    ("limits.default.cpus", KeyType::Number),
    ("limits.default.cpu_time", KeyType::Text),
    ("limits.default.processes", KeyType::Number),
    ("limits.default.disk", KeyType::Text),
    ("limits.default.output", KeyType::Text),
    ("limits.default.result", KeyType::Text),
    ("limits.maximum.timeout", KeyType::Text),
    ("limits.maximum.queue_timeout", KeyType::Text),
    ("limits.maximum.memory", KeyType::Text),
    ("limits.maximum.cpus", KeyType::Number),
    ("limits.maximum.cpu_time", KeyType::Text),
    ("limits.maximum.processes", KeyType::Number),
    ("limits.maximum.disk", KeyType::Text),
    ("limits.maximum.output", KeyType::Text),
    ("limits.maximum.result", KeyType::Text),
    ("engine", KeyType::Text),
    ("allow_egress", KeyType::Switch),
    ("pull_policy", KeyType::Text),
    ("insecure_registries", KeyType::List),
    ("store.path", KeyType::Text),
    ("store.max_size", KeyType::Text),
    ("store.max_image", KeyType::Text),
    ("docker.host", KeyType::Text),
    ("docker.connect", KeyType::Text),
    ("docker.call_timeout", KeyType::Text),
    ("native.host_images", KeyType::Switch),
    ("native.node", KeyType::Text),
    ("native.deno", KeyType::Text),
    ("native.python", KeyType::Text),
    ("native.zygotes", KeyType::List),
    ("native.first_host_uid", KeyType::Number),
    ("native.allow_sampled", KeyType::Switch),
];

/// The prefix of environment variables.
pub(super) const ENV_PREFIX: &str = "VERITECH_";

/// The environment variable of a key.
pub(super) fn variable(path: &str) -> String {
    format!("{ENV_PREFIX}{}", path.replace('.', "_").to_uppercase())
}

/// Whether there is such a key, or there are keys below it.
pub(super) fn is_known(path: &str) -> bool {
    let below = |key: &str| {
        key.strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    ["pool", "images"].contains(&path)
        || path.starts_with("pool.")
        || KEYS.iter().any(|(key, _)| below(key))
}

/// The known name that is most like `name`, if one is.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(6) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_keys_share_a_variable() {
        let mut variables: Vec<_> = KEYS.iter().map(|(key, _)| variable(key)).collect();
        variables.sort();
        let count = variables.len();
        variables.dedup();
        assert_eq!(variables.len(), count);
    }

    #[test]
    fn a_slip_of_the_finger_finds_its_key() {
        let keys = || KEYS.iter().map(|(key, _)| *key);
        assert_eq!(nearest("nat_url", keys()), Some("nats_url"));
        assert_eq!(
            nearest("limits.default.memroy", keys()),
            Some("limits.default.memory")
        );
        assert_eq!(nearest("colour", keys()), None);
    }
}
