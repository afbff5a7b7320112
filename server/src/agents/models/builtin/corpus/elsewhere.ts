/** In German, French and Spanish: the words that people use stay as labels. */
import type { Case } from './case.ts';

export const elsewhere: Case[] = [
  {
    id: 'sportverein',
    subject: 'club',
    language: 'de',
    text: 'Unser Sportverein braucht eine Mitgliederliste mit Name, Geburtsdatum, E-Mail, Telefon und Beitrag in Euro. Jedes Mitglied gehört zu einer Abteilung.',
    expect: {
      entities: {
        Mitglied: 'Name, Geburtsdatum:date, E-Mail:email, Telefon:phone, Beitrag in Euro/Beitrag:money',
        Abteilung: '?Name, ?Notizen:longtext',
      },
      relations: ['Mitglied > Abteilung'],
    },
  },
  {
    id: 'buecherei',
    subject: 'school',
    language: 'de',
    heldBack: true,
    text: 'Bücher mit Titel, Autor, Erscheinungsjahr und Status (verfügbar, ausgeliehen). Ausleihen mit Buch, Leser, Ausleihdatum und Rückgabedatum',
    expect: {
      entities: {
        Buch: 'Titel, Autor, Erscheinungsjahr:integer, Status=Verfügbar|Ausgeliehen',
        Ausleihe: 'Leser, Ausleihdatum:date, Rückgabedatum:date',
      },
      relations: ['Ausleihe > Buch'],
    },
  },
  {
    id: 'werkstatt',
    subject: 'shop',
    language: 'de',
    text: 'Ich brauche eine App für meine Werkstatt: Kunden mit Name und Telefonnummer, Aufträge mit Beschreibung, Termin, Preis und Status offen, in Arbeit, fertig. Jeder Auftrag gehört einem Kunden.',
    expect: {
      entities: {
        Kunde: 'Name, Telefonnummer:phone',
        Auftrag: 'Beschreibung:text/longtext, Termin:date/datetime, Preis:money, Status=Offen|In Arbeit|Fertig',
      },
      relations: ['Auftrag > Kunde'],
    },
  },
  {
    id: 'irgendwas',
    subject: 'club',
    language: 'de',
    text: 'Ich brauche etwas für meinen Verein',
    expect: { asks: /Verein|festhalten/i },
  },
  {
    id: 'cabinet',
    subject: 'clinic',
    language: 'fr',
    text: 'Cabinet médical : patients avec nom, prénom, date de naissance et téléphone ; rendez-vous avec patient, date et heure, motif',
    expect: {
      entities: {
        Patient: 'Nom, Prénom, Date de naissance:date, Téléphone:phone',
        'Rendez-vous': 'Date et heure/Date:datetime, Motif:text/longtext',
      },
      relations: ['Rendez-vous > Patient'],
    },
  },
  {
    id: 'boutique',
    subject: 'shop',
    language: 'fr',
    heldBack: true,
    text: 'Je tiens une boutique. Produits avec nom, prix, stock et photo. Commandes avec client, date, statut (nouvelle, payée, expédiée).',
    expect: {
      entities: {
        Produit: 'Nom, Prix:money, Stock:integer, Photo:image',
        Commande: 'Client, Date:date, Statut=Nouvelle|Payée|Expédiée',
      },
    },
  },
  {
    id: 'eleves',
    subject: 'school',
    language: 'fr',
    text: 'Les élèves peuvent suivre plusieurs cours. Un élève a un nom et une classe, un cours a un titre, une salle et un professeur.',
    expect: {
      entities: { Élève: 'Nom, Classe', Cours: 'Titre, Salle, Professeur' },
      relations: ['Élève <> Cours'],
    },
  },
  {
    id: 'ropa',
    subject: 'shop',
    language: 'es',
    text: 'Tienda de ropa: productos con nombre, talla, color, precio y existencias; pedidos con fecha, cliente y estado (nuevo, pagado, enviado)',
    expect: {
      entities: {
        Producto: 'Nombre, Talla:text/choice, Color, Precio:money, Existencias:integer',
        Pedido: 'Fecha:date, Cliente, Estado=Nuevo|Pagado|Enviado',
      },
    },
  },
  {
    id: 'ajedrez',
    subject: 'club',
    language: 'es',
    heldBack: true,
    text: 'Club de ajedrez con socios (nombre, correo, teléfono, fecha de alta) y torneos (nombre, fecha, lugar). Un socio puede participar en varios torneos.',
    expect: {
      entities: {
        Socio: 'Nombre, Correo:email, Teléfono:phone, Fecha de alta:date',
        Torneo: 'Nombre, Fecha:date/datetime, Lugar',
      },
      relations: ['Socio <> Torneo'],
    },
  },
  {
    id: 'mascotas',
    subject: 'clinic',
    language: 'es',
    text: 'Mascotas con nombre, especie, fecha de nacimiento y dueño. Cada dueño tiene nombre, teléfono y dirección. Visitas con mascota, fecha, motivo y precio',
    expect: {
      entities: {
        Mascota: 'Nombre, Especie, Fecha de nacimiento:date',
        Dueño: 'Nombre, Teléfono:phone, Dirección:text/longtext',
        Visita: 'Fecha:date/datetime, Motivo:text/longtext, Precio:money',
      },
      relations: ['Mascota > Dueño', 'Visita > Mascota'],
    },
  },
];
