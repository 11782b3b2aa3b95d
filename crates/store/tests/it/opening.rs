use crate::place::Place;
use crate::postgres::Server;
use store::{Error, Head, UnitKind, chain};

pub(crate) async fn a_database_keeps_its_owner(place: &Place) {
    let db = place.open(UnitKind::Statistics).await;
    let genesis = chain::head(&db).await.unwrap();
    assert_eq!(genesis.sequence, 0);
    db.close().await;
    let again = place.open(UnitKind::Statistics).await;
    let Head { sequence, hash } = chain::head(&again).await.unwrap();
    assert_eq!((sequence, hash), (genesis.sequence, genesis.hash));
    again.close().await;
    for (unit, installation) in [(UnitKind::Linkage, "test"), (UnitKind::Statistics, "other")] {
        let error = place.try_open(unit, installation).await.err();
        assert!(matches!(error, Some(Error::OtherInstallation)));
    }
}

pub(crate) async fn a_server_that_does_not_flush_is_refused(server: &Server) {
    let place = server.database("unflushed");
    server.run("ALTER DATABASE unflushed SET synchronous_commit = off");
    let error = place.try_open(UnitKind::Linkage, "test").await.err();
    assert!(matches!(error, Some(Error::DoesNotFlush(_))));
    server.run("ALTER DATABASE unflushed SET synchronous_commit = local");
    place.open(UnitKind::Linkage).await;
}
