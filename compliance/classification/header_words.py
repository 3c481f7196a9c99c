"""What column headers say about the personal data below them, in English, French, German and Spanish. Whole
words only: "island" is no IBAN, and a "flight name" is nobody's."""

import re
import unicodedata
from dataclasses import dataclass

SPECIAL = frozenset(
    {
        "health",
        "religion",
        "ethnicity",
        "union",
        "politics",
        "sexuality",
        "biometric",
        "genetic",
        "criminal",
    }
)

# Phrases of whole words; "=" asks for the whole header, "?" marks words that mean personal data only beside
# other personal columns. Accents, case and separators do not count.
_LEXICON = {
    "email": """
        email; emails; e mail; =mail; email address; mail address; adresse mail; courriel; adresse electronique;
        =correo; correo electronico; emailadresse; e mail adresse; mail prive; mailadresse""",
    "phone": """
        =phone; =telephone; =tel; =mobile; ?=cell; phone number; phone no; phone home; phone work; home phone;
        work phone; mobile phone; cell phone; mobile number; contact phone; customer phone; telephone number;
        telephone portable; numero de telephone; numero telephone; tel portable; tel fixe; =telefon;
        telefonnummer; handynummer; mobilnummer; ?=handy; =telefono; numero de telefono; telefono movil; =movil;
        tel privat; tel prive; rufnummer; mobilnr; telefonnr; numero de movil; telefono fijo; telefoon;
        telefoonnummer; gsm nummer""",
    "person_name": """
        first name; firstname; last name; lastname; full name; fullname; family name; given name; forename;
        surname; middle name; maiden name; customer name; client name; patient name; employee name; person name;
        contact name; owner name; holder name; user name; username; passenger name; student name; member name;
        author name; prenom; nom de famille; nom famille; nom complet; nom client; nom du client; nom patient;
        nom usage; nom naissance; nom de naissance; nom prenom; vorname; nachname; familienname; geburtsname;
        kundenname; apellido; apellidos; primer apellido; segundo apellido; nombre completo; nombre cliente;
        nombre y apellidos; ?=name; ?=names; ?=nom; ?=noms; ?=nombre; next of kin; emergency contact; contact
        person; personne a prevenir; personne de contact; ansprechpartner; kontaktperson; persona de contacto;
        cognome; voornaam; achternaam; ?=nome; vor und nachname; name des kunden; patronymic; alias name; player
        name; driver name; guardian name; spouse name; ?=beneficiary name; insured name""",
    "address": """
        home address; street address; postal address; mailing address; billing address; shipping address;
        residential address; address line; customer address; house number; adresse postale; adresse domicile;
        adresse personnelle; domicile; wohnadresse; privatadresse; anschrift; hausnummer; direccion postal;
        domicilio; ?=address; ?=addr; ?=adresse; ?=direccion; ?=street; ?=rue; ?=strasse; ?=calle; strasse und
        hausnr; strasse hausnr; strasse nr; hausnr; indirizzo; woonadres; street and number; adresse de
        livraison; adresse de facturation; lieferadresse; rechnungsadresse; direccion particular""",
    "birth": """
        date of birth; birth date; birthdate; birthday; =dob; birth year; year of birth; birth place;
        birthplace; place of birth; date naissance; date de naissance; annee naissance; annee de naissance; lieu
        naissance; lieu de naissance; geburtsdatum; geburtstag; geburtsjahr; geburtsort; fecha nacimiento; fecha
        de nacimiento; lugar de nacimiento; ano de nacimiento; ne e le; ne le; nee le; geb datum; geb dat;
        geburts datum; birth dt; birthdt; data di nascita; geboortedatum; ano nacimiento; fecha nac; date naiss""",
    "national_id": """
        ssn; social security; national id; national identity; national insurance number; identity card; id card;
        passport; driving licence; driver license; drivers license; driver licence; ?=nir; numero securite
        sociale; numero de securite sociale; num secu; carte identite; carte d identite; passeport; permis de
        conduire; sozialversicherungsnummer; steueridentifikationsnummer; steuer id; personalausweis;
        ausweisnummer; reisepass; reisepassnummer; fuhrerschein; ?=dni; ?=nie; dni nie; pasaporte; seguridad
        social; permiso de conducir; sv nummer; sozialversicherungsnr; rentenversicherungsnummer; codice
        fiscale; niss; pesel; ahv nummer; ahv nr; burgerservicenummer; bsn; nhs number; personnummer; numero de
        seguridad social; tax file number; aadhaar; cpf; curp; numero fiscal; nationalregisternummer;
        rijksregisternummer; numero national; residence permit; titre de sejour; aufenthaltstitel; carta di
        identita; ?=nif""",
    "bank_account": """
        iban; bank account; account holder; compte bancaire; coordonnees bancaires; bankverbindung; kontonummer;
        kontoinhaber; cuenta bancaria""",
    "payment_card": """
        credit card; debit card; card number; cardholder; card holder; carte bancaire; numero de carte; numero
        carte; carte de credit; kreditkarte; kreditkartennummer; tarjeta de credito; numero de tarjeta""",
    "network_address": """
        ip address; ip addr; ipaddress; client ip; user ip; source ip; remote ip; remote addr; adresse ip; ip
        adresse; direccion ip; ?=ip; =ip v4; =ip v6; ipv4 address; ipv6 address; adresse ip client; last ip;
        login ip""",
    "identifier": """
        personal nr; personalnummer; personal nummer; mitarbeiternummer; matricule; staff number; employee id;
        employee number; numero de empleado; payroll number; student id; student number; matrikelnummer; patient
        id; patient number; patientennummer; numero de patient; licence plate; license plate; number plate; kfz
        kennzeichen; registration plate; plaque d immatriculation; ?=matricula; ?=kennzeichen; ?=immatriculation""",
    "device": """
        imei; imsi; idfa; gaid; advertising id; cookie id; twitter handle; instagram handle; social handle;
        telegram id; whatsapp number; browser fingerprint; device fingerprint; ?=device id; ?=cookie; ?=session
        id; ?=visitor id""",
    "health": """
        =health; health status; health condition; health record; health insurance number; medical history;
        medical condition; medical conditions; medical record; diagnosis; diagnoses; icd; icd10; icd 10;
        disease; illness; medication; medications; prescription; prescriptions; disability; blood type; blood
        group; hiv; hiv status; allergy; allergies; pregnant; pregnancy; mental health; vaccination; vaccination
        status; etat de sante; =sante; maladie; maladies; situation de handicap; ?=handicap; groupe sanguin;
        grossesse; ordonnance; medicament; medicaments; antecedents medicaux; diagnostic medical; krankheit;
        krankheiten; diagnose; gesundheit; gesundheitszustand; behinderung; blutgruppe; schwangerschaft;
        medikament; medikamente; allergie; allergien; enfermedad; enfermedades; diagnostico; =salud; estado de
        salud; discapacidad; grupo sanguineo; embarazo; medicamento; medicamentos; alergia; alergias;
        ?=diagnostic; diagnostic principal; ?=diagnostics; handicap reconnu; traitement en cours; traitement
        medical; vaccinated; ?=vaccine; ?=vaccinations; ?=imc; ?=bmi; body mass index; schwerbehinderung;
        schwerbehindert; schwerbehinderte; krankheitstage; krankenstand; krankschreibung; impfstatus; sick days;
        sick leave; arret maladie; conge maladie; baja medica; ?=symptom; ?=symptoms; ?=symptomes; ?=symptome;
        ?=sintomas; blood pressure; ?=blood sugar; ?=glucose level; tension arterielle; blutdruck; smoker;
        fumeur; raucher; fumador; ?=addiction; substance use; medical notes; ?=therapy; ?=therapie; treatment
        history; ?=surgery; hospitalisation; hospitalization; chronic condition; krankenversicherungsnummer;
        menstrual; ?=fertility; ?=depression; psychiatric; covid status; covid test; test covid; vacunacion;
        vacunado; minusvalia; ?=enceinte; schwanger; embarazada""",
    "religion": """
        religion; religions; religious; religious affiliation; =faith; religious belief; religious beliefs;
        confession religieuse; croyance; croyances; appartenance religieuse; religionszugehorigkeit; konfession;
        glaube; creencias; creencia religiosa; ?=parish; ?=paroisse; kirchensteuer; kirchensteuermerkmal;
        religionsgemeinschaft; ?=denomination; =culte; ?=halal; ?=kosher; baptised; baptized""",
    "ethnicity": """
        ethnicity; ethnic; ethnic group; ethnic origin; racial; racial origin; race ethnicity; skin color; skin
        colour; hautfarbe; couleur de peau; ethnie; origine ethnique; ethnische herkunft; ethnizitat; etnia;
        origen etnico; origen racial; ?=race; ?=raza; ?=tribe; ?=caste; ?=indigenous; roma origin; skin tone;
        migrationshintergrund; minority group; raza etnia; etnicidad""",
    "union": """
        trade union; labor union; labour union; union member; union membership; syndicat; appartenance
        syndicale; gewerkschaft; gewerkschaftsmitglied; gewerkschaftszugehorigkeit; sindicato; afiliacion
        sindical; trade union membership; union dues; cotisation syndicale; gewerkschaftsbeitrag; syndique;
        cuota sindical; delegue syndical""",
    "politics": """
        political party; political opinion; political opinions; political affiliation; political view; political
        views; party affiliation; party membership; voting intention; opinion politique; opinions politiques;
        parti politique; appartenance politique; politische meinung; politische einstellung;
        parteizugehorigkeit; parteimitglied; opinion politica; afiliacion politica; partido politico; voted for;
        vote intention; party member; party preference; political leaning; wahlabsicht; parteipraferenz;
        intention de vote; intencion de voto; ?=partido; political donation""",
    "sexuality": """
        sexual orientation; sexuality; sex life; orientation sexuelle; vie sexuelle; sexuelle orientierung;
        sexualleben; sexualitat; orientacion sexual; vida sexual; gender identity; transgender; lgbt; lgbtq;
        sexual partners; gay; lesbian; sexual preference; identite de genre; geschlechtsidentitat; identidad de
        genero""",
    "biometric": """
        biometric; biometrics; fingerprint template; fingerprint image; faceprint; face template; voiceprint;
        iris scan; retina scan; biometrie; donnees biometriques; empreinte digitale; empreintes digitales;
        fingerabdruck; fingerabdrucke; biometrische daten; huella dactilar; huellas dactilares; datos
        biometricos; ?=fingerprint; ?=fingerprints; face embedding; face encoding; facial recognition; face id
        template; iris template; iris code; voice print; voice template; palm vein; reconnaissance faciale;
        gesichtserkennung; reconocimiento facial""",
    "genetic": """
        genetic data; genetic test; genetic marker; genetic predisposition; genetic disorder; dna profile;
        brca1; brca2; donnees genetiques; test genetique; genetische daten; gentest; datos geneticos; prueba
        genetica; ?=dna; ?=adn; ?=genotype; ?=genome; ?=genomic; dna sequence; snp genotype; gene variant;
        ?=karyotype; genetischer befund; variante genetica; variant genetique""",
    "criminal": """
        criminal record; criminal conviction; criminal convictions; casier judiciaire; condamnation penale;
        vorstrafe; vorstrafen; antecedentes penales; criminal history; arrest record; ?=arrests; ?=offences;
        ?=offenses; ?=conviction; ?=convictions; probation status; fuhrungszeugnis; straftat; straftaten;
        ?=infractions penales; ?=condamnations; ?=condenas; ?=delitos; ?=inmate""",
}

# A count or a rate of something is not the thing.
_ABOUT_MANY = frozenset(
    """count counts rate rates ratio share percent percentage pct avg average mean median total sum prevalence
    incidence taux moyenne pourcentage anzahl anteil porcentaje tasa promedio""".split()
)
# An "email domain" identifies nobody, while a "disability type" tells as much as a disability.
_ABOUT_AN_IDENTIFIER = frozenset("type domain model brand has is flag length".split())
_DISGUISED = frozenset(
    "hash hashed sha256 sha1 md5 hmac token tokenized pseudonym pseudo encrypted masked hache chiffre".split()
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_HEADER = 200


@dataclass(frozen=True)
class HeaderMatch:
    """What a header says: `is_ambiguous` when the word alone proves nothing, `is_disguised` when it names a
    hash."""

    kind: str
    is_ambiguous: bool
    is_disguised: bool


@dataclass(frozen=True)
class _Phrase:
    kind: str
    words: tuple[str, ...]
    is_whole: bool
    is_ambiguous: bool


def match(header: str) -> HeaderMatch | None:
    """The kind of personal data that a header names: special categories first, then the longest phrase."""
    words = words_of(header)
    is_disguised = any(word in _DISGUISED for word in words)
    plain = tuple(word for word in words if word not in _DISGUISED)
    if not plain or any(word in _ABOUT_MANY for word in plain):
        return None
    is_about = any(word in _ABOUT_AN_IDENTIFIER for word in plain)
    for phrase in _PHRASES:
        if is_about and phrase.kind not in SPECIAL:
            continue
        if plain == phrase.words or (not phrase.is_whole and _holds(plain, phrase.words)):
            return HeaderMatch(phrase.kind, phrase.is_ambiguous, is_disguised)
    return None


def words_of(header: str) -> tuple[str, ...]:
    """The words of a header, without accents, case and separators."""
    spaced = _CAMEL.sub(" ", header[:_LONGEST_HEADER].replace("ß", "ss"))
    letters = unicodedata.normalize("NFKD", spaced)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(word for word in _NOT_A_WORD.split(bare.casefold()) if word)


def _holds(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    width = len(phrase)
    return any(words[start : start + width] == phrase for start in range(len(words) - width + 1))


def _phrases() -> tuple[_Phrase, ...]:
    phrases = []
    for kind, written in _LEXICON.items():
        for entry in written.split(";"):
            marked = entry.strip()
            phrases.append(
                _Phrase(
                    kind=kind,
                    words=tuple(marked.lstrip("?=").split()),
                    is_whole="=" in marked,
                    is_ambiguous=marked.startswith("?"),
                )
            )
    return tuple(
        sorted(
            phrases, key=lambda phrase: (phrase.kind not in SPECIAL, phrase.is_ambiguous, -len(phrase.words))
        )
    )


_PHRASES = _phrases()
