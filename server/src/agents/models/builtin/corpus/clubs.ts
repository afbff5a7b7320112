/** Clubs and societies, as their secretaries write. */
import type { Case } from './case.ts';

export const clubs: Case[] = [
  {
    id: 'tennis',
    subject: 'club',
    language: 'en',
    text: 'We’re a small tennis club. I need to keep track of our members (name, email, phone, birthday) and the courts. Members book courts for a date and a time.',
    expect: {
      entities: {
        Member: 'Name, Email:email, Phone:phone, Birthday:date',
        Court: '?Name, ?Number, ?Surface, ?Notes:longtext',
        Booking: 'Date:date/datetime, ?Time:time',
      },
      relations: ['Booking > Member', 'Booking > Court'],
    },
  },
  {
    id: 'choir',
    subject: 'club',
    language: 'en',
    heldBack: true,
    text: 'app for our choir - singers with name, voice (soprano, alto, tenor, bass) and email. concerts with date, place and programme. which singers come to which concert',
    expect: {
      entities: {
        Singer: 'Name, Voice=Soprano|Alto|Tenor|Bass, Email:email',
        Concert: 'Date:date/datetime, Place, Programme:longtext/text, ?Name, ?Title',
      },
      relations: ['Singer <> Concert'],
    },
  },
  {
    id: 'football',
    subject: 'club',
    language: 'en',
    text: 'I coach an under 12 football team. Players with name, shirt number, position and the parents phone number. Matches with date, opponent, goals for and goals against.',
    expect: {
      entities: {
        Player: 'Name, Shirt number:text/integer, Position:text/choice, Parents phone number/Parents phone:phone',
        Match: 'Date:date/datetime, Opponent, Goals for:integer, Goals against:integer',
      },
    },
  },
  {
    id: 'chess',
    subject: 'club',
    language: 'en',
    heldBack: true,
    text: 'Chess club: members with name and rating number, and games between two members with date and result (white wins, black wins, draw)',
    expect: {
      entities: {
        Member: 'Name, Rating number/Rating:integer/number',
        Game: 'Date:date/datetime, Result=White wins|Black wins|Draw',
      },
      relations: ['Game > Member', 'Game > Member'],
    },
  },
  {
    id: 'allotment',
    subject: 'club',
    language: 'en',
    text: 'Allotment society. Each plot has a number, size in square metres and a tenant. Tenants have a name, email and phone. Plots are either free, rented or on the waiting list.',
    expect: {
      entities: {
        Plot: 'Number:text/integer, Size in square metres/Size:number/integer, Status/State=Free|Rented|On the waiting list',
        Tenant: 'Name, Email:email, Phone:phone',
      },
      relations: ['Plot > Tenant'],
    },
  },
  {
    id: 'book-club',
    subject: 'club',
    language: 'en',
    text: 'A tool for our book club: books with title, author, who suggested it and the date of the meeting; members rate each book from 1 to 5',
    expect: {
      entities: {
        Book: 'Title, Author, ?Suggested by, Date of the meeting/Meeting date/Date of meeting:date/datetime',
        Member: '?Name, ?Email:email, ?Phone:phone',
        'Rating/Review': 'Rating/Stars:rating/integer, ?Comment:longtext',
      },
      relations: ['Rating > Book', 'Rating > Member', '?Book > Member'],
    },
  },
  {
    id: 'sailing',
    subject: 'club',
    language: 'en',
    heldBack: true,
    text: 'sailing club wants boats (name, type, length in m, owner) and berths. A boat lies in one berth. berth has a number and a yearly fee in euros',
    expect: {
      entities: {
        Boat: 'Name, Type:text/choice, Length in m/Length:number, Owner',
        Berth: 'Number:text/integer, Yearly fee in euros/Yearly fee:money',
      },
      relations: ['Boat > Berth'],
    },
  },
  {
    id: 'scouts',
    subject: 'club',
    language: 'en',
    text: 'for scouts: kids with name, birthday, allergies and emergency contact phone. Groups like beavers, cubs, scouts. every kid is in one group',
    expect: {
      entities: {
        Kid: 'Name, Birthday:date, Allergies:longtext/text, Emergency contact phone:phone',
        Group: '?Name, ?Notes:longtext',
      },
      relations: ['Kid > Group'],
    },
  },
  {
    id: 'some-club',
    subject: 'club',
    language: 'en',
    text: 'an app for my club',
    expect: { asks: /club|keep|track/i },
  },
  {
    id: 'treasurer',
    subject: 'club',
    language: 'en',
    text: 'Members of our village club pay a yearly fee. name, address, email, fee in euros, paid yes/no. only the treasurer sees the fee',
    expect: {
      entities: { Member: 'Name, Address:text/longtext, Email:email, Fee in euros/Fee/Yearly fee:money, Paid:boolean' },
      roles: ['Treasurer'],
    },
  },
];
