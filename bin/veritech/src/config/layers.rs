//! Collects what the sources say.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::keys::{ENV_PREFIX, KEYS, KeyType, is_known, nearest, variable};

/// The file that is read if none is named.
const DEFAULT_FILE: &str = "/etc/veritech/veritech.toml";

/// The largest configuration file, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// What was said about the configuration, so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    table: Table,
    file: Option<ConfigurationFile>,
}

/// The file that was read.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "engines need Linux")
)]
pub(crate) struct ConfigurationFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Whether a password, or a token, stands in it.
    pub(crate) has_password: bool,
}

/// A source that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayerError {
    /// The file cannot be read.
    #[error("could not read the configuration file `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The failure.
        #[source]
        source: io::Error,
    },
    /// The file is too large to be a configuration.
    #[error("the configuration file `{}` is larger than {MAX_FILE_BYTES} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// The file is not TOML.
    ///
    /// The line itself is not shown: it may hold a password.
    #[error(
        "the configuration file `{}` is not TOML: line {line}, column {column}: {message}",
        path.display()
    )]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where, counted from 1.
        line: usize,
        /// Where in the line, in characters counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// There is no such key.
    #[error("unknown {what} `{name}`{}", hint(nearest.as_deref()))]
    Unknown {
        /// `key` or `environment variable`.
        what: &'static str,
        /// Its name.
        name: String,
        /// The known one that is most like it.
        nearest: Option<String>,
    },
    /// A variable has a value of the wrong type.
    #[error("environment variable `{name}` must be {expected}, got `{value}`")]
    Variable {
        /// Its name.
        name: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        value: String,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!("; did you mean `{nearest}`?")
    })
}

impl Layers {
    /// Collects the file and the environment.
    pub(crate) fn collect(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, LayerError> {
        let mut layers = Self::default();
        match file {
            Some(path) => layers.read(path)?,
            None if Path::new(DEFAULT_FILE).exists() => layers.read(Path::new(DEFAULT_FILE))?,
            None => {}
        }
        layers.environment(environment)?;
        Ok(layers)
    }

    fn read(&mut self, path: &Path) -> Result<(), LayerError> {
        let read = |source| LayerError::Read {
            path: path.to_path_buf(),
            source,
        };
        if fs::metadata(path).map_err(read)?.len() > MAX_FILE_BYTES {
            return Err(LayerError::TooLarge {
                path: path.to_path_buf(),
            });
        }
        let text = fs::read_to_string(path).map_err(read)?;
        self.table = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
            LayerError::Syntax {
                path: path.to_path_buf(),
                line,
                column,
                message: error.message().to_owned(),
            }
        })?;
        let url = self.table.get("nats_url").and_then(Value::as_str);
        self.file = Some(ConfigurationFile {
            path: path.to_owned(),
            has_password: url.is_some_and(|url| url.contains('@')),
        });
        check(&self.table, "")
    }

    /// Returns the file that was read, if one was.
    pub(crate) fn file(&self) -> Option<&ConfigurationFile> {
        self.file.as_ref()
    }

    fn environment(
        &mut self,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<(), LayerError> {
        for (name, value) in environment {
            // The file's own name is not a key.
            if !name.starts_with(ENV_PREFIX) || name == format!("{ENV_PREFIX}CONFIG") {
                continue;
            }
            let known = KEYS.iter().find(|(key, _)| variable(key) == name);
            let Some((key, key_type)) = known else {
                let variables: Vec<_> = KEYS.iter().map(|(key, _)| variable(key)).collect();
                return Err(LayerError::Unknown {
                    what: "environment variable",
                    nearest: nearest(&name, variables.iter().map(String::as_str))
                        .map(str::to_owned),
                    name,
                });
            };
            let value = parse(&name, &value, *key_type)?;
            self.set(key, value);
        }
        Ok(())
    }

    /// Sets one key, over what was said before.
    pub(crate) fn set(&mut self, path: &str, value: impl Into<Value>) {
        let mut table = &mut self.table;
        let mut parts = path.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                table.insert(part.to_owned(), value.into());
                return;
            }
            let entry = table
                .entry(part)
                .or_insert_with(|| Value::Table(Table::new()));
            if !entry.is_table() {
                *entry = Value::Table(Table::new());
            }
            let Some(next) = entry.as_table_mut() else {
                return;
            };
            table = next;
        }
    }

    /// Sets one key if there is a value for it.
    pub(crate) fn set_if(&mut self, path: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(path, value);
        }
    }

    /// Returns the table.
    pub(super) fn table(&self) -> &Table {
        &self.table
    }
}

/// Returns the line and the column of a byte, counted from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (line, column)
}

/// Refuses keys that there are not.
fn check(table: &Table, above: &str) -> Result<(), LayerError> {
    for (name, value) in table {
        let path = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}.{name}")
        };
        if !is_known(&path) {
            return Err(LayerError::Unknown {
                what: "configuration key",
                nearest: nearest(&path, KEYS.iter().map(|(key, _)| *key)).map(str::to_owned),
                name: path,
            });
        }
        if let Value::Table(below) = value
            && path != "pool"
        {
            check(below, &path)?;
        }
    }
    Ok(())
}

fn parse(name: &str, text: &str, key_type: KeyType) -> Result<Value, LayerError> {
    let wrong = |expected| LayerError::Variable {
        name: name.to_owned(),
        expected,
        value: text.to_owned(),
    };
    match key_type {
        KeyType::Text => Ok(Value::String(text.to_owned())),
        KeyType::Number => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(integer), _) => Ok(Value::Integer(integer)),
            (Err(_), Ok(float)) => Ok(Value::Float(float)),
            (Err(_), Err(_)) => Err(wrong("a number")),
        },
        KeyType::Switch => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| wrong("`true` or `false`")),
        KeyType::List => Ok(Value::Array(
            text.split(',')
                .map(|item| Value::String(item.trim().to_owned()))
                .collect(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Layers, LayerError> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut layers = Layers::default();
        layers.environment(pairs)?;
        Ok(layers)
    }

    #[test]
    fn the_environment_speaks_of_keys_by_their_paths() {
        let layers = environment(&[
            ("VERITECH_LIMITS_DEFAULT_MEMORY", "1GiB"),
            ("VERITECH_PLACES", "3"),
            ("VERITECH_NATIVE_HOST_IMAGES", "true"),
            ("HOME", "/root"),
        ])
        .expect("valid");
        let expected =
            "places = 3\n[limits.default]\nmemory = '1GiB'\n[native]\nhost_images = true\n";
        assert_eq!(
            layers.table(),
            &toml::from_str::<Table>(expected).expect("TOML")
        );
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest_known_one() {
        let error = environment(&[("VERITECH_NATS_ULR", "x")]).expect_err("refused");
        assert!(
            error
                .to_string()
                .contains("did you mean `VERITECH_NATS_URL`?"),
            "{error}"
        );

        let table: Table = toml::from_str("[limits.defualt]\nmemory = '1GiB'\n").expect("TOML");
        let error = check(&table, "").expect_err("refused");
        assert!(error.to_string().contains("`limits.defualt`"), "{error}");
    }

    #[test]
    fn positions_are_counted_from_one() {
        assert_eq!(position("ab", 0), (1, 1));
        assert_eq!(position("a\nßc = ", 5), (2, 3));
        assert_eq!(position("a\n", 99), (2, 1));
    }

    #[test]
    fn images_in_the_pool_may_have_any_name() {
        let table: Table = toml::from_str("[pool]\n'builtin/quickjs' = 2\n").expect("TOML");
        check(&table, "").expect("known");
    }
}
