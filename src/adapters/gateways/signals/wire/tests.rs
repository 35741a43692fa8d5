use proptest::prelude::*;

use super::*;

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn user() -> impl Strategy<Value = UserId> {
    uuid().prop_map(UserId::from_uuid)
}

fn signal() -> impl Strategy<Value = Signal> {
    let people = || prop::collection::vec(user(), 0..20);
    let went = (user(), any::<i64>()).prop_map(|(user, at)| (user, Timestamp::from_millis(at)));
    prop_oneof![
        (uuid(), user(), any::<bool>()).prop_map(|(conversation, user, typing)| Signal::Typing {
            conversation: ConversationId::from_uuid(conversation),
            user,
            typing
        }),
        (people(), prop::collection::vec(went, 0..20))
            .prop_map(|(came, went)| Signal::Presence { came, went }),
        (any::<u32>(), any::<u32>(), people()).prop_map(|(part, parts, people)| Signal::Snapshot {
            part,
            parts,
            people
        }),
        prop::option::of(uuid()).prop_map(|to| Signal::Hello { to: to.map(NodeId::from_uuid) }),
        Just(Signal::Here),
        Just(Signal::Goodbye),
    ]
}

fn node() -> NodeId {
    NodeId::from_uuid(Uuid::from_u128(7))
}

fn packed(frames: &[(u64, Signal)]) -> Vec<u8> {
    let mut packet = Packet::new(node());
    frames.iter().for_each(|(number, signal)| packet.push(*number, signal));
    packet.into_bytes()
}

proptest! {
    #[test]
    fn what_was_packed_comes_out(frames in prop::collection::vec((any::<u64>(), signal()), 0..10)) {
        let bytes = packed(&frames);
        let read: Result<Vec<Read>, _> = Frames::of(&bytes).unwrap().collect();
        let expected: Vec<Read> = frames
            .into_iter()
            .map(|(number, signal)| Read { frame: Frame { node: node(), number, signal }, unknown: None })
            .collect();
        prop_assert_eq!(read.unwrap(), expected);
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), version in any::<bool>()) {
        let mut bytes = bytes;
        if version && let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        if let Ok(frames) = Frames::of(&bytes) {
            prop_assert!(frames.count() <= bytes.len());
        }
    }

    #[test]
    fn what_was_cut_off_is_noticed(signal in signal(), cut in 1_usize..5) {
        let whole = packed(&[(1, Signal::Here), (2, signal)]);
        let bytes = &whole[..whole.len() - cut];
        let read: Vec<_> = Frames::of(bytes).unwrap().collect();
        prop_assert_eq!(read.len(), 2);
        prop_assert!(read[0].is_ok());
        prop_assert_eq!(&read[1], &Err(Unreadable::Damaged));
    }
}

#[test]
fn another_version_is_not_read_and_another_kind_says_nothing() {
    let mut bytes = packed(&[(3, Signal::Goodbye), (4, Signal::Here)]);
    // The kind stands behind the version, the node and the number.
    bytes[1 + 16 + 8] = 200;
    let read: Result<Vec<Read>, _> = Frames::of(&bytes).unwrap().collect();
    let frame = |number| Frame { node: node(), number, signal: Signal::Here };
    let expected = [Read { frame: frame(3), unknown: Some(200) }, Read { frame: frame(4), unknown: None }];
    assert_eq!(read.unwrap(), expected);
    bytes[0] = VERSION + 1;
    assert_eq!(Frames::of(&bytes).err(), Some(Unreadable::Version(VERSION + 1)));
    assert_eq!(Frames::of(&[]).err(), Some(Unreadable::Damaged));
}

#[test]
fn ten_thousand_people_take_sixteen_bytes_each() {
    let people: Vec<UserId> = (0..10_000).map(|id| UserId::from_uuid(Uuid::from_u128(id))).collect();
    let signals = Signal::snapshot(&people);
    let sizes: Vec<usize> = signals.iter().map(|signal| packed(&[(1, signal.clone())]).len()).collect();
    assert_eq!(sizes.len(), 3);
    assert!(sizes.iter().sum::<usize>() < 10_000 * 16 + 200, "{sizes:?}");
}
