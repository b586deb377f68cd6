//! From JSON to properties: the only way there is, whoever gave the JSON.

mod error;
mod limits;
mod read;
mod walk;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::pointer::Pointer;
use crate::prop::Prop;
use crate::property::{PropertyTree, PropertyValue};
use crate::schema::Schema;

use self::walk::Given;

pub use self::error::{Expected, Found, MappingError, MappingErrors};
pub(crate) use self::error::{beginning, shortened};
pub use self::limits::MappingLimits;

/// Maps JSON values to properties, within limits.
///
/// A member that is missing or `null` is unset, but `null` is a value of a `Json`
/// property. Numbers count by value: `1`, `1.0` and `1e0` are one integer. Of two
/// members of one name, the last counts. Either all fits, or nothing is mapped and
/// all that does not fit is told.
///
/// # Examples
///
/// ```
/// use veritech_client::{Mapping, Prop, Schema};
/// use veritech_protocol::RawValue;
///
/// let port = Prop::object().prop("port", Prop::integer().required());
/// let schema = Schema::try_new(port.prop("host", Prop::string()))?;
///
/// let json = RawValue::from_string(r#"{"port": 443.0}"#.to_owned())?;
/// let tree = Mapping::default().tree(&schema, Some(&json))?;
/// assert_eq!(tree.get("/port").and_then(|port| port.as_i64()), Some(443));
///
/// let json = RawValue::from_string(r#"{"host": 7}"#.to_owned())?;
/// let errors = Mapping::default().tree(&schema, Some(&json)).expect_err("two faults");
/// assert_eq!(
///     errors.to_string(),
///     "`/host`: expected a string, found the number 7; \
///      `/port`: expected an integer, found nothing",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// How much is mapped at most.
    pub limits: MappingLimits,
}

impl Mapping {
    /// Maps JSON text to the property that a prop declares, at a place. `None` is
    /// unset.
    ///
    /// # Errors
    ///
    /// Returns all that does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Mapping, Prop};
    /// use veritech_protocol::RawValue;
    ///
    /// let json = RawValue::from_string("8080".to_owned())?;
    /// let port = Mapping::default().map(&Prop::integer(), &"/port".parse()?, Some(&json))?;
    /// assert_eq!(port.as_i64(), Some(8080));
    /// assert_eq!(port.pointer().to_string(), "/port");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map(
        &self,
        prop: &Prop,
        base: &Pointer,
        json: Option<&RawValue>,
    ) -> Result<PropertyValue, MappingErrors> {
        let Some(json) = json else {
            return self.map_value(prop, base, None);
        };
        self.limits.check_text(base, json.get())?;
        let (value, unreadable) = read::read(json.get());
        let given = Given {
            value: Some(&value),
            unreadable: unreadable.as_ref(),
        };
        walk::walk(prop, base, given, &self.limits)
    }

    /// Maps a JSON value that is already parsed; see [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// Returns all that does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use veritech_client::{Mapping, Pointer, Prop};
    ///
    /// let value = Mapping::default().map_value(&Prop::string(), &Pointer::root(), Some(&json!("lan")))?;
    /// assert_eq!(value.as_str(), Some("lan"));
    /// # Ok::<(), veritech_client::MappingErrors>(())
    /// ```
    pub fn map_value(
        &self,
        prop: &Prop,
        base: &Pointer,
        json: Option<&Value>,
    ) -> Result<PropertyValue, MappingErrors> {
        if let Some(value) = json {
            self.limits.check_value(base, value)?;
        }
        let given = Given {
            value: json,
            unreadable: None,
        };
        walk::walk(prop, base, given, &self.limits)
    }

    /// Maps JSON text to the whole tree of a schema; see [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// Returns all that does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Mapping, Prop, Schema};
    /// use veritech_protocol::RawValue;
    ///
    /// let schema = Schema::try_new(Prop::map(Prop::integer()))?;
    /// let json = RawValue::from_string(r#"{"http": 80}"#.to_owned())?;
    /// let tree = Mapping::default().tree(&schema, Some(&json))?;
    /// assert_eq!(tree.get("/http").and_then(|port| port.as_i64()), Some(80));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tree(
        &self,
        schema: &Schema,
        json: Option<&RawValue>,
    ) -> Result<PropertyTree, MappingErrors> {
        let root = self.map(schema.prop(), &Pointer::root(), json)?;
        Ok(PropertyTree::new(schema.clone(), root))
    }
}

#[cfg(test)]
mod tests;
