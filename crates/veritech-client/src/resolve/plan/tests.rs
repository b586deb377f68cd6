use proptest::prelude::*;

use super::*;

/// Plans bindings that are written as `place needs needed needed`.
fn plan(bindings: &[&str]) -> Result<(Plan, Vec<Pointer>), CycleError> {
    let bindings: Vec<Vec<Pointer>> = bindings
        .iter()
        .map(|line| {
            line.split_whitespace()
                .map(|place| place.parse().expect(line))
                .collect()
        })
        .collect();
    let split = |line: &'_ Vec<Pointer>| {
        line.split_first()
            .map(|(at, needs)| (at.clone(), needs.to_vec()))
    };
    let bindings: Vec<(Pointer, Vec<Pointer>)> = bindings.iter().filter_map(split).collect();
    let plan = Plan::new(bindings.iter().map(|(at, needs)| (at, needs)))?;
    Ok((plan, bindings.into_iter().map(|(at, _)| at).collect()))
}

/// Resolves everything, `failing` without a value. Returns the order, and what was lost with its cause.
fn carried_out(bindings: &[&str], failing: &[&str]) -> (Vec<String>, Vec<(String, String)>) {
    let (mut plan, places) = plan(bindings).expect("there is no cycle");
    let name = |number: Number| places[number].to_string();
    let (mut order, mut lost) = (Vec::new(), Vec::new());
    while let Some(number) = plan.next_ready() {
        order.push(name(number));
        let ended = if failing.contains(&name(number).as_str()) {
            Ended::Failed
        } else {
            Ended::Resolved
        };
        let more = plan.end(number, ended).into_iter();
        lost.extend(more.map(|(number, cause)| (name(number), name(cause))));
    }
    assert_eq!(order.len() + lost.len(), bindings.len(), "each ends once");
    (order, lost)
}

fn order(bindings: &[&str]) -> Vec<String> {
    carried_out(bindings, &[]).0
}

#[test]
fn what_is_needed_comes_first() {
    assert_eq!(order(&["/a /b /c", "/b /c", "/c"]), ["/c", "/b", "/a"]);
    assert_eq!(
        order(&["/a /b", "/b", "/c"]),
        ["/b", "/c", "/a"],
        "others in their order"
    );
}

#[test]
fn a_place_in_a_prop_that_is_bound_needs_that_prop() {
    assert_eq!(order(&["/a /b/ports/0", "/b"]), ["/b", "/a"]);
}

#[test]
fn a_prop_whose_members_are_bound_needs_them_all() {
    let bindings = [
        "/url /network",
        "/network/host",
        "/network/port /number",
        "/number",
    ];
    assert_eq!(
        order(&bindings),
        ["/network/host", "/number", "/network/port", "/url"]
    );
}

#[test]
fn what_nothing_is_bound_to_is_not_waited_for() {
    assert_eq!(order(&["/a /b", "/c"]), ["/a", "/c"]);
}

#[test]
fn the_same_need_twice_is_met_once() {
    assert_eq!(order(&["/a /b /b /b/c", "/b"]), ["/b", "/a"]);
}

#[test]
fn a_failure_reaches_what_needs_it_and_nothing_else() {
    let (order, lost) = carried_out(
        &[
            "/a",
            "/b /a",
            "/c /b",
            "/d /network",
            "/network/x /c",
            "/network/y",
            "/e",
        ],
        &["/a"],
    );
    assert_eq!(order, ["/a", "/network/y", "/e"]);
    let mut lost = lost;
    lost.sort();
    let cause = |place: &str| (place.to_owned(), "/a".to_owned());
    assert_eq!(lost, ["/b", "/c", "/d", "/network/x"].map(cause));
}

#[test]
fn a_cycle_is_printed() {
    for (bindings, printed) in [
        (vec!["/a /a"], "`/a` needs `/a`"),
        (
            vec!["/x /a", "/a /b", "/b /c", "/c /a"],
            "`/a` needs `/b` needs `/c` needs `/a`",
        ),
        (
            vec!["/network/host /network", "/network/port"],
            "`/network` needs `/network/host` needs `/network`",
        ),
        (vec!["/a /b/x", "/b /a/y"], "`/a` needs `/b` needs `/a`"),
    ] {
        let cycle = plan(&bindings).expect_err("a cycle");
        assert_eq!(
            cycle.to_string(),
            format!("props need each other: {printed}"),
            "{bindings:?}"
        );
    }
}

#[test]
fn a_long_cycle_is_printed_in_part() {
    let bindings: Vec<String> = (0..100)
        .map(|n| format!("/{n} /{}", (n + 1) % 100))
        .collect();
    let bindings: Vec<&str> = bindings.iter().map(String::as_str).collect();
    let cycle = plan(&bindings).expect_err("a cycle");
    assert_eq!(cycle.props().len(), 100);
    let printed = cycle.to_string();
    assert!(
        printed.ends_with("`/11` needs … (88 more) needs `/0`"),
        "{printed}"
    );
}

proptest! {
    #[test]
    fn needs_that_point_backwards_are_always_met(
        needs in proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..4), 1..40),
        shuffled in any::<usize>(),
    ) {
        let mut lines: Vec<String> = needs
            .iter()
            .enumerate()
            .map(|(n, needs)| {
                let needs = needs.iter().filter(|_| n > 0).map(|need| format!(" /{}", need.index(n.max(1))));
                format!("/{n}{}", needs.collect::<String>())
            })
            .collect();
        let length = lines.len();
        for n in 0..length {
            lines.swap(n, shuffled.wrapping_mul(n + 1) % length);
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let order = order(&lines);
        let position = |place: &str| order.iter().position(|other| other == place);
        for line in lines {
            let (place, needs) = line.split_once(' ').unwrap_or((line, ""));
            for need in needs.split_whitespace() {
                prop_assert!(position(need) < position(place), "{line}");
            }
        }
    }
}
