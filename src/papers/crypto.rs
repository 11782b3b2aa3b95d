//! Which cryptography is used where, beside BSI TR-02102-1. A test looks up each line in the code.

use super::facts::Facts;
use super::paper::Paper;

/// One use of an algorithm.
pub(super) struct Use {
    name: &'static str,
    parameters: &'static str,
    purpose: &'static str,
    /// How it stands to the guideline.
    guideline: &'static str,
    /// Where it is in the code.
    pub(super) file: &'static str,
    /// What the code says there.
    pub(super) code: &'static str,
}

const RECOMMENDED: &str = "empfohlen";
const NOT_LISTED: &str = "dort nicht unter den empfohlenen Kurven und Verfahren; etwa 128 Bit, über den \
                          geforderten 120. Abweichung: vom Verantwortlichen zu entscheiden";

/// All of them.
pub(super) const USES: &[Use] = &[
    Use {
        name: "HMAC-SHA-256",
        parameters: "Schlüssel 256 Bit, je Feld, Vorhaben und Epoche abgeleitet",
        purpose: "Kodierung im Fachamt",
        guideline: RECOMMENDED,
        file: "crates/encoder/src/key.rs",
        code: "hmac::HMAC_SHA256",
    },
    Use {
        name: "HKDF-SHA-256 (RFC 5869)",
        parameters: "aus einem Hauptschlüssel von 256 Bit",
        purpose: "Ableitung der Verknüpfungsschlüssel",
        guideline: "Ableitung mit HMAC-SHA-256; empfohlene Bausteine",
        file: "crates/encoder/src/master_key.rs",
        code: "hkdf::HKDF_SHA256",
    },
    Use {
        name: "Ed25519 (RFC 8032)",
        parameters: "Kurve 25519, Prüfsumme SHA-512",
        purpose: "Unterschriften unter Lieferungen, Quittungen, Bestätigungen, Protokoll",
        guideline: NOT_LISTED,
        file: "crates/submission/src/signing.rs",
        code: "ED25519",
    },
    Use {
        name: "Ed25519 (RFC 8032)",
        parameters: "Kurve 25519, Prüfsumme SHA-512",
        purpose: "Gegenzeichnung und Zustimmung des Datenschutzes",
        guideline: NOT_LISTED,
        file: "crates/audit/src/document.rs",
        code: "ED25519",
    },
    Use {
        name: "SHA-256",
        parameters: "Kette der Protokolleinträge",
        purpose: "Unveränderbarkeit des Protokolls",
        guideline: RECOMMENDED,
        file: "crates/audit/src/entry.rs",
        code: "SHA256",
    },
    Use {
        name: "X25519 (RFC 7748)",
        parameters: "neues Schlüsselpaar je Anfrage",
        purpose: "Verschlüsselung der Verknüpfung zwischen den Stellen",
        guideline: NOT_LISTED,
        file: "crates/submission/src/sealed.rs",
        code: "X25519",
    },
    Use {
        name: "AES-256-GCM",
        parameters: "Schlüssel 256 Bit, je Nachricht neu abgeleitet",
        purpose: "Verschlüsselung der Verknüpfung zwischen den Stellen",
        guideline: RECOMMENDED,
        file: "crates/submission/src/sealed.rs",
        code: "AES_256_GCM",
    },
    Use {
        name: "AES-256-GCM",
        parameters: "Schlüssel 256 Bit, mit HKDF-SHA-256 je Datei abgeleitet",
        purpose: "Register Fall → Nummer im Fachamt",
        guideline: RECOMMENDED,
        file: "crates/department/src/register.rs",
        code: "AES_256_GCM",
    },
    Use {
        name: "age (X25519, HKDF-SHA-256, ChaCha20-Poly1305)",
        parameters: "Schlüssel 256 Bit",
        purpose: "Übergabe der Verknüpfungsschlüssel an die Fachämter",
        guideline: "ChaCha20 dort nicht als Blockchiffre empfohlen; Abweichung: vom Verantwortlichen zu \
                    entscheiden",
        file: "crates/department/src/keys/age.rs",
        code: "aead::CHACHA20_POLY1305",
    },
    Use {
        name: "SHA-256 von Zugangsmarken",
        parameters: "Marken aus 256 zufälligen Bit, nur die Prüfsumme liegt bei der Stelle",
        purpose: "Anmeldung",
        guideline: RECOMMENDED,
        file: "crates/access/src/token.rs",
        code: "SHA256",
    },
];

pub(super) fn paper(facts: &Facts) -> Paper {
    let mut paper = Paper::new("Kryptobericht", &facts.stand());
    paper.text(
        "Verfahren und Parameter, wie sie im Programm stehen, neben der Technischen Richtlinie BSI \
         TR-02102-1 (gefordert: 120 Bit Sicherheit). Die Spalte »Richtlinie« ist eine Einordnung nach \
         unserer Kenntnis der Richtlinie; maßgeblich ist ihre geltende Fassung.",
    );
    let rows = USES.iter().map(|own| {
        let place = format!("{}: {}", own.file, own.code);
        [own.purpose, own.name, own.parameters, own.guideline, &place].map(str::to_owned).to_vec()
    });
    let heads = ["wofür", "Verfahren", "Parameter", "Richtlinie", "im Programm"];
    paper.table(&heads, rows.collect(), "");
    paper.heading("Kodierungen dieses Vorhabens");
    let rows = facts.policies.schemas.values().map(|own| {
        let diffusion: Vec<String> =
            own.views.iter().map(|view| format!("{}: t = {}", view.name, view.diffusion)).collect();
        vec![own.name.to_string(), own.bits.to_string(), diffusion.join("; ")]
    });
    let heads = ["Schema", "Bit je Kodierung", "Mischung je Sicht"];
    paper.table(&heads, rows.collect(), "Keines.");
    paper.text(
        "Eine Kodierung ist keine Verschlüsselung: Was sie unter Angriff verrät, steht in der Anlage \
         zur Folgenabschätzung.",
    );
    paper.heading("Zufall und Transport");
    paper.list([
        "Schlüssel, Nummern und Einmalwerte: Zufallsgenerator des Betriebssystems (über ring).",
        "Rauschen: Generator von OpenSSL (über opendp).",
        "Transport: TLS über rustls zu entfernten Stellen; Anfragen ohne TLS nur auf demselben Rechner. \
         Die TLS-Einstellung des vorgeschalteten Servers gehört nach TR-02102-2 geprüft: [Nachweis].",
        "Gegen Quantenrechner: HMAC, SHA-256 und AES-256 gelten als geeignet; Ed25519 und X25519 nicht.",
    ]);
    paper
}
