//! Props, values that fit them, and values that do not.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Number, Value, json};
use veritech_client::{Pointer, Prop, Shape};

/// Returns props of all shapes.
pub(crate) fn prop() -> impl Strategy<Value = Prop> {
    let shape = prop_oneof![
        Just(Prop::string()),
        Just(Prop::integer()),
        Just(Prop::number()),
        Just(Prop::boolean()),
        Just(Prop::json()),
        Just(Prop::object()),
    ];
    said(shape).prop_recursive(4, 32, 4, |inner| {
        let members = prop::collection::btree_map(name(), inner.clone(), 0..5);
        said(prop_oneof![
            3 => members.prop_map(|members| Prop::new(Shape::Object(members))),
            1 => inner.clone().prop_map(Prop::array),
            1 => inner.prop_map(Prop::map),
        ])
    })
}

/// Returns props that may be required and documented.
fn said(prop: impl Strategy<Value = Prop>) -> impl Strategy<Value = Prop> {
    let documentation = prop::option::weighted(0.2, ".{0,8}");
    (prop, any::<bool>(), documentation).prop_map(|(prop, is_required, documentation)| {
        let prop = if is_required { prop.required() } else { prop };
        match documentation {
            Some(documentation) => prop.documented(documentation),
            None => prop,
        }
    })
}

/// Returns names, some of which are numbers, empty, or mean something in JSON Schema,
/// in a schema's own JSON or in pointers.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", "[a-c/~\"\\\\é 0]{0,3}", "0|1|10|props|items|type"]
}

/// Returns any JSON.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number().prop_map(Value::Number),
        ".{0,4}".prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((name(), value), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Returns numbers, more often those about which somebody may be wrong.
fn number() -> impl Strategy<Value = Number> {
    let double = |double: f64| Number::from_f64(double).unwrap_or_else(|| 0.into());
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_map(double),
        whole().prop_map(Number::from),
        whole().prop_map(move |whole| double(whole as f64)),
        (-3_i64..3).prop_map(|near| Number::from(9_007_199_254_740_991 + near)),
        (-3_i64..3).prop_map(|near| Number::from(-9_007_199_254_740_991 + near)),
        Just(double(-0.0)),
        Just(double(1e300)),
    ]
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![
        -5_i64..5,
        -9_007_199_254_740_991_i64..=9_007_199_254_740_991
    ]
}

/// Returns values that fit a prop, `null` where it is unset.
pub(crate) fn fitting(prop: &Prop) -> BoxedStrategy<Value> {
    let set = match prop.shape() {
        Shape::String => ".{0,4}".prop_map(Value::from).boxed(),
        Shape::Integer => prop_oneof![
            whole().prop_map(Value::from),
            whole().prop_map(|whole| json!(whole as f64))
        ]
        .boxed(),
        Shape::Number => number().prop_map(Value::Number).boxed(),
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Json => return json().boxed(),
        Shape::Object(props) => object(props),
        Shape::Array(item) => prop::collection::vec(fitting(item), 0..4)
            .prop_map(Value::from)
            .boxed(),
        Shape::Map(values) => members(fitting(values)).boxed(),
    };
    if prop.is_required() {
        set
    } else {
        prop_oneof![4 => set, 1 => Just(Value::Null)].boxed()
    }
}

fn object(props: &BTreeMap<String, Prop>) -> BoxedStrategy<Value> {
    let members: Vec<_> = props
        .iter()
        .map(|(name, prop)| {
            let fitting = fitting(prop);
            let value = if prop.is_required() {
                fitting.prop_map(Some).boxed()
            } else {
                prop::option::weighted(0.8, fitting).boxed()
            };
            (Just(name.clone()), value)
        })
        .collect();
    members
        .prop_map(|members| {
            let there = members
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            Value::Object(there.collect())
        })
        .boxed()
}

/// Returns a prop with a value that fits it.
pub(crate) fn prop_and_value() -> impl Strategy<Value = (Prop, Value)> {
    prop().prop_flat_map(|prop| {
        let value = fitting(&prop);
        (Just(prop), value)
    })
}

/// Returns a prop with a value that fits it but for some places, and those.
pub(crate) fn prop_and_broken_value() -> impl Strategy<Value = (Prop, Value, Vec<Pointer>)> {
    let chosen = prop::collection::vec(any::<Index>(), 0..5);
    (prop_and_value(), chosen).prop_map(|((prop, mut value), chosen)| {
        let mut places = Vec::new();
        breakable(&prop, &value, &Pointer::root(), &mut places);
        let mut broken = BTreeMap::new();
        for index in chosen {
            if let Some((place, wrong)) = (!places.is_empty()).then(|| index.get(&places)) {
                broken.insert(place.clone(), wrong.clone());
            }
        }
        // What lies in a broken place is not looked at.
        let all: Vec<_> = broken.keys().cloned().collect();
        broken.retain(|place, _| {
            !all.iter()
                .any(|other| other != place && other.is_prefix_of(place))
        });
        for (place, wrong) in &broken {
            put(&mut value, place, wrong.clone());
        }
        (prop, value, broken.into_keys().collect())
    })
}

/// Collects the places of a value that can be made wrong, each with what does.
fn breakable(
    prop: &Prop,
    value: &Value,
    place: &Pointer,
    places: &mut Vec<(Pointer, Option<Value>)>,
) {
    let wrong = match prop.shape() {
        Shape::String => json!(7),
        Shape::Integer => json!(0.5),
        Shape::Number => json!("7"),
        Shape::Boolean => json!(0),
        Shape::Object(_) | Shape::Map(_) => json!([]),
        Shape::Array(_) => json!({}),
        Shape::Json => return,
    };
    places.push((place.clone(), Some(wrong)));
    if prop.is_required() {
        places.push((place.clone(), Some(Value::Null)));
    }
    match (prop.shape(), value) {
        (Shape::Object(props), Value::Object(members)) => {
            places.push((place.child("undeclared"), Some(Value::Null)));
            for (name, prop) in props {
                let place = place.child(name);
                if prop.is_required() {
                    places.push((place.clone(), None));
                }
                if let Some(member) = members.get(name) {
                    breakable(prop, member, &place, places);
                }
            }
        }
        (Shape::Array(item), Value::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                breakable(item, element, &place.element(index), places);
            }
        }
        (Shape::Map(values), Value::Object(entries)) => {
            for (key, entry) in entries {
                breakable(values, entry, &place.child(key), places);
            }
        }
        _ => {}
    }
}

/// Puts something in a place of a value, or takes away what is there.
fn put(value: &mut Value, place: &Pointer, wrong: Option<Value>) {
    let Some((parent, name)) = place.split_last() else {
        *value = wrong.unwrap_or_default();
        return;
    };
    let parent = value.pointer_mut(&parent.to_string());
    match (parent.expect("there is the place"), wrong) {
        (Value::Object(members), Some(wrong)) => drop(members.insert(name.to_owned(), wrong)),
        (Value::Object(members), None) => drop(members.remove(name)),
        (elements, wrong) => {
            let element = elements.pointer_mut(&format!("/{name}"));
            *element.expect("there is the element") = wrong.unwrap_or_default();
        }
    }
}

/// Returns a value that fits a prop without what mapping leaves out: members and
/// entries that are `null` but for those of `Json`.
pub(crate) fn without_unset(prop: &Prop, value: &Value) -> Value {
    match (prop.shape(), value) {
        (Shape::Object(props), Value::Object(members)) => kept(members, |name| props.get(name)),
        (Shape::Map(values), Value::Object(entries)) => kept(entries, |_| Some(values)),
        (Shape::Array(item), Value::Array(elements)) => elements
            .iter()
            .map(|element| without_unset(item, element))
            .collect(),
        _ => value.clone(),
    }
}

fn kept<'a>(members: &Map<String, Value>, prop: impl Fn(&str) -> Option<&'a Prop>) -> Value {
    let members = members.iter().filter_map(|(name, member)| {
        let prop = prop(name)?;
        let is_kept = !member.is_null() || *prop.shape() == Shape::Json;
        is_kept.then(|| (name.clone(), without_unset(prop, member)))
    });
    Value::Object(members.collect())
}

/// Whether two values are the same, numbers as doubles.
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        _ => one == other,
    }
}
