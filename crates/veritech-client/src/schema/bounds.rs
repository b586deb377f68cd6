//! What a prop must be within to be a schema.

use super::{InvalidSchema, Schema, SchemaFault};
use crate::mapping::shortened;
use crate::pointer::Pointer;
use crate::prop::{Prop, Shape};

/// Returns the first fault of a prop, if it has one.
pub(super) fn check(prop: &Prop) -> Result<(), InvalidSchema> {
    let mut check = Check::default();
    check.prop(prop, &Pointer::root(), 1)
}

/// What has been seen so far.
#[derive(Default)]
struct Check {
    props: usize,
    text_bytes: usize,
}

impl Check {
    fn prop(&mut self, prop: &Prop, place: &Pointer, depth: usize) -> Result<(), InvalidSchema> {
        let fault = |reason| InvalidSchema {
            place: place.clone(),
            reason,
        };
        if depth > Schema::MAX_DEPTH {
            let limit = Schema::MAX_DEPTH;
            return Err(fault(SchemaFault::TooDeep { limit }));
        }
        self.props = self.props.saturating_add(1);
        if self.props > Schema::MAX_PROPS {
            let limit = Schema::MAX_PROPS;
            return Err(fault(SchemaFault::TooManyProps { limit }));
        }
        if let Some(name) = prop.stray() {
            let name = shortened(name);
            return Err(fault(SchemaFault::NotAnObject { name }));
        }
        if let Some(text) = prop.documentation() {
            let place = place.child("documentation");
            self.text(text, Schema::MAX_DOCUMENTATION_BYTES, &place)?;
        }

        let below = depth.saturating_add(1);
        match prop.shape() {
            Shape::Object(props) => {
                let place = place.child("props");
                props.iter().try_for_each(|(name, prop)| {
                    let place = place.child(name);
                    self.text(name, Schema::MAX_NAME_BYTES, &place)?;
                    self.prop(prop, &place, below)
                })
            }
            Shape::Array(item) => self.prop(item, &place.child("items"), below),
            Shape::Map(values) => self.prop(values, &place.child("values"), below),
            Shape::String | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Json => Ok(()),
        }
    }

    fn text(&mut self, text: &str, limit: usize, place: &Pointer) -> Result<(), InvalidSchema> {
        let bytes = text.len();
        self.text_bytes = self.text_bytes.saturating_add(bytes);
        let reason = if bytes > limit {
            SchemaFault::TooLong { bytes, limit }
        } else if self.text_bytes > Schema::MAX_TEXT_BYTES {
            let limit = Schema::MAX_TEXT_BYTES;
            SchemaFault::TooMuchText { limit }
        } else {
            return Ok(());
        };
        Err(InvalidSchema {
            place: place.clone(),
            reason,
        })
    }
}
