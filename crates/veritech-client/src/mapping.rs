//! From JSON to properties: the only way there is, whoever gave the JSON.

mod error;
mod walk;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::pointer::Pointer;
use crate::prop::Prop;
use crate::property::{PropertyTree, PropertyValue};
use crate::schema::Schema;

pub(crate) use self::error::shortened;
pub use self::error::{Expected, Found, MappingError, MappingErrors};

/// Maps JSON values to properties, within limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// How much is mapped at most.
    pub limits: MappingLimits,
}

/// How much is mapped at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingLimits {
    /// How long JSON text may be, in bytes.
    pub bytes: usize,
    /// How deep arrays and objects may lie inside each other; more than
    /// [`MAX_DEPTH`](Self::MAX_DEPTH) has no effect.
    pub depth: usize,
    /// How many values there may be, arrays and objects included.
    pub nodes: usize,
    /// How many errors are listed; the others are counted.
    pub errors: usize,
}

impl MappingLimits {
    /// The most levels that can be allowed: what parsers of JSON recurse to.
    pub const MAX_DEPTH: usize = 120;
}

impl Default for MappingLimits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 100,
            nodes: 200_000,
            errors: 100,
        }
    }
}

impl Mapping {
    /// Maps JSON text to the property that a prop declares, at a place. `None` is
    /// unset.
    ///
    /// # Errors
    ///
    /// Returns all that does not fit.
    pub fn map(
        &self,
        prop: &Prop,
        base: &Pointer,
        json: Option<&RawValue>,
    ) -> Result<PropertyValue, MappingErrors> {
        let value = json.map(|json| serde_json::from_str(json.get()));
        let value: Option<Value> = value.transpose().map_err(|_| MappingErrors::default())?;
        self.map_value(prop, base, value.as_ref())
    }

    /// Maps a JSON value that is already parsed; see [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// Returns all that does not fit.
    pub fn map_value(
        &self,
        prop: &Prop,
        base: &Pointer,
        json: Option<&Value>,
    ) -> Result<PropertyValue, MappingErrors> {
        walk::walk(prop, base, json, self.limits.errors)
    }

    /// Maps JSON text to the whole tree of a schema; see [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// Returns all that does not fit.
    pub fn tree(
        &self,
        schema: &Schema,
        json: Option<&RawValue>,
    ) -> Result<PropertyTree, MappingErrors> {
        let root = self.map(schema.prop(), &Pointer::root(), json)?;
        Ok(PropertyTree::new(schema.clone(), root))
    }
}
