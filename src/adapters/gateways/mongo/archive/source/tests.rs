use super::*;

/// Whether an id of the other application fits the filter.
fn fits(id: ObjectId, filter: &Document) -> bool {
    match (filter.get_object_id("$gt"), filter.get_object_id("$gte")) {
        (Ok(bound), _) => id > bound,
        (_, Ok(bound)) => id >= bound,
        _ => panic!("{filter}"),
    }
}

#[test]
fn people_of_another_application_stand_among_the_others_in_their_order() {
    let ids = [
        "000000000000000000000000",
        "64b7f0a1c2d2ffffffffffff",
        "64b7f0a1c2d3000000000000",
        "64b7f0a1c2d3e4f506172839",
        "64b7f0a1c2d3ffffffffffff",
        "64b7f0a1c2d4000000000000",
        "ffffffffffffffffffffffff",
    ]
    .map(|hex| ObjectId::parse_str(hex).unwrap());
    let adopted = ids.map(adoption::user_id);
    let others = [
        "64b7f0a1-c2d3-7fff-bfff-ffffffffffff",
        "64b7f0a1-c2d3-8000-7fff-ffffffffffff",
        "64b7f0a1-c2d3-8000-8000-e4f506172838",
        "64b7f0a1-c2d3-8001-8000-e4f506172839",
        "64b7f0a1-c2d3-ffff-ffff-ffffffffffff",
    ]
    .map(|id| id.parse::<UserId>().unwrap());
    for last in adopted.into_iter().chain(others) {
        for id in ids {
            let is_later = adoption::user_id(id) > last;
            assert_eq!(fits(id, &adopted_after(Some(last))), is_later, "{id} after {last}");
        }
    }
    assert!(ids.into_iter().all(|id| fits(id, &adopted_after(None))));
}
