//! One tree, put together of values that come one by one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{PropertyTree, empty_object};
use crate::pointer::{self, Pointer};
use crate::prop::{Prop, Shape};
use crate::property::{Content, PropertyValue};

impl PropertyTree {
    /// Puts a value where its pointer says, in a place that is not set yet. What it
    /// lies in becomes set with it.
    pub(crate) fn place(&mut self, value: PropertyValue) {
        if !value.is_set() {
            return;
        }
        let Self { schema, root } = self;
        let (mut prop, mut place) = (schema.prop(), root);
        let at = value.pointer.clone();
        for token in at.tokens() {
            let within = place.pointer.clone();
            let content = place.content.get_or_insert_with(|| empty(prop, &within));
            let (Content::Object(members) | Content::Map(members)) = content else {
                return;
            };
            let Some(member) = prop.child(token) else {
                return;
            };
            prop = member;
            place = members
                .entry(token.to_owned())
                .or_insert_with(|| PropertyValue {
                    pointer: within.child(token),
                    content: None,
                });
        }
        *place = value;
    }

    /// Returns what is in a place, within `Json` too; nothing if that is not set.
    pub(crate) fn value_at(&self, at: &Pointer) -> Option<Value> {
        let mut tokens = at.tokens().into_iter();
        let mut place = self.root();
        loop {
            if let Some(Content::Json(json)) = place.content() {
                return within(json, tokens).cloned();
            }
            match tokens.next() {
                Some(token) => place = place.child(token)?,
                None => return place.is_set().then(|| place.to_json()),
            }
        }
    }
}

/// Returns the object or map of a prop before anything in it is set.
fn empty(prop: &Prop, place: &Pointer) -> Content {
    match prop.shape() {
        Shape::Object(_) => Content::Object(empty_object(prop, place)),
        _ => Content::Map(BTreeMap::new()),
    }
}

fn within<'a, 'b>(json: &'a Value, mut tokens: impl Iterator<Item = &'b str>) -> Option<&'a Value> {
    tokens.try_fold(json, |place, token| match place {
        Value::Object(members) => members.get(token),
        Value::Array(elements) => elements.get(pointer::index(token)?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}
