//! The JSON in which schemas are written and read.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{InvalidSchema, Schema, SchemaFault};
use crate::mapping;
use crate::pointer::{self, Pointer};
use crate::prop::{Prop, Shape};

/// How many characters an error shows of what a parser says.
const SHOWN: usize = 256;

/// A prop as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    r#type: Type,
    #[serde(default)]
    required: bool,
    documentation: Option<String>,
    props: Option<Props>,
    items: Option<Box<Written>>,
    values: Option<Box<Written>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Object,
    Array,
    Map,
    Json,
}

/// A prop that is read from an object only, and as a whole.
#[derive(Debug)]
struct Written(Prop);

/// Reads a schema, or finds where it is none.
pub(super) fn read(text: &str) -> Result<Schema, InvalidSchema> {
    if text.len() > Schema::MAX_JSON_BYTES {
        let (bytes, limit) = (text.len(), Schema::MAX_JSON_BYTES);
        return Err(InvalidSchema {
            place: Pointer::root(),
            reason: SchemaFault::TooLong { bytes, limit },
        });
    }
    let not_a_schema = |place, error: serde_json::Error| InvalidSchema {
        place,
        reason: SchemaFault::NotASchema {
            reason: mapping::beginning(&error.to_string(), SHOWN),
        },
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let written: Result<Written, _> = serde_path_to_error::deserialize(&mut json);
    let Written(prop) = written
        .map_err(|error| not_a_schema(pointer::of_path(error.path()), error.into_inner()))?;
    json.end()
        .map_err(|error| not_a_schema(Pointer::root(), error))?;
    Schema::try_new(prop)
}

/// Named props, each name once.
#[derive(Debug)]
struct Props(BTreeMap<String, Prop>);

impl Form {
    /// Returns the prop, or what is missing or out of place.
    fn into_prop(self) -> Result<Prop, String> {
        let Self {
            r#type,
            required,
            documentation,
            props,
            items,
            values,
        } = self;
        for (field, is_given, of) in [
            ("props", props.is_some(), Type::Object),
            ("items", items.is_some(), Type::Array),
            ("values", values.is_some(), Type::Map),
        ] {
            if is_given && r#type != of {
                return Err(format!("`{field}` is for the type `{of}` only"));
            }
        }
        let shape = match r#type {
            Type::String => Shape::String,
            Type::Integer => Shape::Integer,
            Type::Number => Shape::Number,
            Type::Boolean => Shape::Boolean,
            Type::Object => Shape::Object(props.map(|Props(props)| props).unwrap_or_default()),
            Type::Array => {
                let Written(item) = *items.ok_or("an `array` needs `items`")?;
                Shape::Array(Box::new(item))
            }
            Type::Map => {
                let Written(values) = *values.ok_or("a `map` needs `values`")?;
                Shape::Map(Box::new(values))
            }
            Type::Json => Shape::Json,
        };
        let mut prop = Prop::new(shape);
        if required {
            prop = prop.required();
        }
        if let Some(documentation) = documentation {
            prop = prop.documented(documentation);
        }
        Ok(prop)
    }
}

impl Type {
    fn of(shape: &Shape) -> Self {
        match shape {
            Shape::String => Self::String,
            Shape::Integer => Self::Integer,
            Shape::Number => Self::Number,
            Shape::Boolean => Self::Boolean,
            Shape::Object(_) => Self::Object,
            Shape::Array(_) => Self::Array,
            Shape::Map(_) => Self::Map,
            Shape::Json => Self::Json,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Written;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object that describes a prop")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Written, A::Error> {
                let form = Form::deserialize(MapAccessDeserializer::new(members))?;
                form.into_prop().map(Written).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Props {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;

        impl<'de> Visitor<'de> for Named {
            type Value = Props;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of props by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Props, A::Error> {
                let mut props = BTreeMap::new();
                while let Some((name, Written(prop))) = members.next_entry::<String, Written>()? {
                    if props.contains_key(&name) {
                        let name = mapping::shortened(&name);
                        return Err(A::Error::custom(format!(
                            "the prop {name:?} is there twice"
                        )));
                    }
                    props.insert(name, prop);
                }
                Ok(Props(props))
            }
        }

        deserializer.deserialize_map(Named)
    }
}

/// A prop that is to be written.
struct Writing<'a>(&'a Prop);

impl Serialize for Writing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(prop) = self;
        let mut form = serializer.serialize_map(None)?;
        form.serialize_entry("type", &Type::of(prop.shape()))?;
        if prop.is_required() {
            form.serialize_entry("required", &true)?;
        }
        if let Some(documentation) = prop.documentation() {
            form.serialize_entry("documentation", documentation)?;
        }
        match prop.shape() {
            Shape::Object(props) => {
                let props = props.iter().map(|(name, prop)| (name, Self(prop)));
                form.serialize_entry("props", &props.collect::<BTreeMap<_, _>>())?;
            }
            Shape::Array(item) => form.serialize_entry("items", &Self(item))?,
            Shape::Map(values) => form.serialize_entry("values", &Self(values))?,
            Shape::String | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Json => {}
        }
        form.end()
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Writing(self.prop()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written(prop) = Written::deserialize(deserializer)?;
        Self::try_new(prop).map_err(D::Error::custom)
    }
}
