/** Practices and care, as people who work there write. */
import type { Case } from './case.ts';

export const clinics: Case[] = [
  {
    id: 'dentist',
    subject: 'clinic',
    language: 'en',
    text: 'Dental practice: patients (name, birth date, phone, insurance number), appointments with date and time, patient, dentist and treatment',
    expect: {
      entities: {
        Patient: 'Name, Birth date:date, Phone:phone, Insurance number',
        Appointment: 'Date and time/Date:datetime, Dentist, Treatment:text/longtext',
      },
      relations: ['Appointment > Patient'],
      pages: ['calendar Appointment'],
    },
  },
  {
    id: 'vet',
    subject: 'clinic',
    language: 'en',
    heldBack: true,
    text: 'vet clinic. owners have one or more animals. animals: name, species, breed, birth date, weight in kg. visits per animal with date, diagnosis, treatment, cost',
    expect: {
      entities: {
        Owner: '?Name, ?Phone:phone, ?Email:email, ?Address:longtext, ?Notes:longtext',
        Animal: 'Name, Species, Breed, Birth date:date, Weight in kg/Weight:number',
        Visit: 'Date:date/datetime, Diagnosis:text/longtext, Treatment:text/longtext, Cost:money',
      },
      relations: ['Animal > Owner', 'Visit > Animal'],
    },
  },
  {
    id: 'physio',
    subject: 'clinic',
    language: 'en',
    text: 'I’m a physiotherapist and want to record my sessions: patient, date, duration in minutes, exercises, pain from 0 to 10',
    expect: {
      entities: {
        Session:
          'Patient, Date:date/datetime, Duration in minutes/Duration:duration/integer, Exercises:longtext/text, Pain:integer',
      },
    },
  },
  {
    id: 'practice',
    subject: 'clinic',
    language: 'en',
    text: 'something for the practice',
    expect: { asks: /practice|keep|track/i },
  },
  {
    id: 'medication',
    subject: 'clinic',
    language: 'en',
    heldBack: true,
    text: 'medication list for a nursing home: resident, medicine, dose, time of day, given by, given at',
    expect: {
      entities: {
        'Medication/Dose/Entry':
          'Resident, Medicine, Dose, Time of day:time/text/choice, Given by, Given at:datetime/time/date',
      },
    },
  },
  {
    id: 'blood-pressure',
    subject: 'clinic',
    language: 'en',
    text: 'blood pressure diary with date and time, systolic, diastolic, pulse and remarks',
    expect: {
      entities: {
        'Entry/Reading/Measurement/Blood pressure':
          'Date and time/Date:datetime, Systolic:integer/number, Diastolic:integer/number, Pulse:integer/number, Remarks:longtext',
      },
    },
  },
  {
    id: 'no-phone',
    subject: 'clinic',
    language: 'en',
    text: 'patients with name and phone but no phone number please',
    expect: { asks: /phone/i },
  },
];
