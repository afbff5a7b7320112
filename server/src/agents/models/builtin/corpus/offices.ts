/** Offices and teams. */
import type { Case } from './case.ts';

export const offices: Case[] = [
  {
    id: 'tasks',
    subject: 'office',
    language: 'en',
    text: 'Tasks with title, assignee, due date, priority high/medium/low and status todo, doing, done. I want a board by status.',
    expect: {
      entities: { Task: 'Title, Assignee, Due date:date, Priority=High|Medium|Low, Status=Todo|Doing|Done' },
      pages: ['board Task'],
    },
  },
  {
    id: 'crm',
    subject: 'office',
    language: 'en',
    heldBack: true,
    text: 'simple crm: companies (name, website, city), contacts (name, email, phone) who work at a company, deals with a company, value in USD, stage lead / won / lost and expected close date',
    expect: {
      entities: {
        Company: 'Name, Website:url, City',
        Contact: 'Name, Email:email, Phone:phone',
        Deal: 'Value in USD/Value:money, Stage=Lead|Won|Lost, Expected close date:date, ?Name, ?Title',
      },
      relations: ['Contact > Company', 'Deal > Company'],
    },
  },
  {
    id: 'timesheet',
    subject: 'office',
    language: 'en',
    text: 'employees log hours on projects: date, hours, description. Projects have a client, a budget and a start and end date',
    expect: {
      entities: {
        Employee: '?Name, ?Email:email, ?Phone:phone',
        'Time entry/Entry/Hour/Log/Work/Timesheet': 'Date:date, Hours:number/duration, Description:text/longtext',
        Project: 'Client, Budget:money, Start/Start date:date, End date:date, ?Name, ?Title',
      },
      relations: ['Time entry > Employee', 'Time entry > Project'],
    },
  },
  {
    id: 'equipment',
    subject: 'office',
    language: 'en',
    text: 'Office equipment: name, serial number (unique), bought on, price, warranty until, given to which employee',
    expect: {
      entities: {
        'Equipment/Office equipment/Item':
          'Name, Serial number, Bought on:date, Price:money, Warranty until:date, ?Given to, ?Employee, ?Given to which employee',
        '?Employee': '?Name, ?Email:email, ?Phone:phone',
      },
      relations: ['?Equipment > Employee'],
    },
  },
  {
    id: 'rooms',
    subject: 'office',
    language: 'en',
    heldBack: true,
    text: 'Meeting rooms with name, capacity and a beamer yes/no. Bookings: room, who, from, to',
    expect: {
      entities: {
        'Meeting room/Room': 'Name, Capacity:integer, Beamer:boolean',
        Booking: 'Who/Booked by/Person, From:datetime, To:datetime',
      },
      relations: ['Booking > Meeting room'],
    },
  },
  {
    id: 'my-work',
    subject: 'office',
    language: 'en',
    text: 'help me organise my work',
    expect: { asks: /work|keep|track/i },
  },
];
