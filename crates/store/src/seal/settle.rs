//! Database and key store belong together: found out when the database is opened.

use std::collections::HashSet;
use std::sync::Arc;

use super::key_store::{KeyId, KeyStore};
use super::unit_key::Sealing;
use crate::sql::{Row, Value};
use crate::{Error, Tx, UnitKind};

/// Every key that the linkage unit's database refers to.
const LINKAGE: &str = "SELECT key_id FROM chunk \
    UNION ALL SELECT manifest_key FROM batch WHERE manifest_key IS NOT NULL \
    UNION ALL SELECT key_id FROM snapshot WHERE key_id IS NOT NULL \
    UNION ALL SELECT key_id FROM epoch WHERE key_id IS NOT NULL \
    UNION ALL SELECT key_id FROM comparison \
    UNION ALL SELECT key_id FROM pair_chunk";

/// The same of the statistics unit's.
const STATISTICS: &str = "SELECT key_id FROM chunk \
    UNION ALL SELECT manifest_key FROM batch WHERE manifest_key IS NOT NULL \
    UNION ALL SELECT key_id FROM snapshot WHERE key_id IS NOT NULL";

/// The keys that the database refers to.
async fn key_ids(tx: &mut Tx, unit: UnitKind) -> Result<HashSet<KeyId>, Error> {
    let sql = match unit {
        UnitKind::Linkage => LINKAGE,
        UnitKind::Statistics => STATISTICS,
    };
    tx.rows(sql, &[]).await?.iter().map(|row| row.array(0)).collect()
}

/// Opens the key store of a database, or makes it with the database, and destroys every key that
/// nothing refers to any more.
///
/// A key counts as left over when a later one was stored, or it was once dropped itself: one that
/// is newer than all that the database ever stored may belong to a state of it that a restored
/// copy does not know, and stays.
pub(crate) async fn settle(
    tx: &mut Tx,
    unit: UnitKind,
    sealing: &Sealing,
) -> Result<Arc<KeyStore>, Error> {
    let path = &sealing.key_store;
    let row = tx.row("SELECT store, highest FROM key_store", &[]).await?;
    let keys = match (row, KeyStore::exists(path)) {
        (Some(_), false) => return Err(Error::KeyStoreMissing(path.clone())),
        (Some(row), true) => {
            let keys = KeyStore::open(sealing)?;
            if *keys.id() != row.array::<16>(0)? {
                return Err(Error::KeyStoreOther(path.clone()));
            }
            settle_known(tx, unit, &keys, &row).await?;
            keys
        }
        (None, exists) => {
            if !exists {
                KeyStore::create(sealing)?;
            }
            let keys = KeyStore::open(sealing)?;
            keys.begin(|_| Vec::new())?;
            // A crash may have come between the file and this row; a used one is another's.
            if !keys.ids()?.is_empty() {
                return Err(Error::KeyStoreOther(path.clone()));
            }
            let sql = "INSERT INTO key_store (id, store, highest) VALUES (1, $1, 0)";
            tx.execute(sql, &[Value::Bytes(keys.id())]).await?;
            keys
        }
    };
    Ok(Arc::new(keys))
}

async fn settle_known(
    tx: &mut Tx,
    unit: UnitKind,
    keys: &KeyStore,
    row: &Row,
) -> Result<(), Error> {
    let highest = row.count(1)?;
    let wanted = key_ids(tx, unit).await?;
    keys.begin(|live| {
        let left = live.iter().filter(|(id, (slot, _))| *slot <= highest && !wanted.contains(*id));
        left.map(|(id, _)| *id).collect()
    })?;
    let live: HashSet<KeyId> = keys.ids()?.into_iter().collect();
    let gone: Vec<KeyId> = wanted.into_iter().filter(|id| !live.contains(id)).collect();
    match keys.missing(&gone)? {
        0 => Ok(()),
        missing => Err(Error::KeyStoreBehind { missing }),
    }
}
