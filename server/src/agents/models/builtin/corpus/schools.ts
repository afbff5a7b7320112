/** Schools, as teachers write. */
import type { Case } from './case.ts';

export const schools: Case[] = [
  {
    id: 'courses',
    subject: 'school',
    language: 'en',
    text: 'Students can join several courses and every course has one teacher. Students have name and email, teachers have name and subject, courses have title, room and start date',
    expect: {
      entities: {
        Student: 'Name, Email:email',
        Teacher: 'Name, Subject',
        Course: 'Title, Room, Start date:date',
      },
      relations: ['Student <> Course', 'Course > Teacher'],
    },
  },
  {
    id: 'homework',
    subject: 'school',
    language: 'en',
    heldBack: true,
    text: 'homework tracker for class 4b - pupil, subject, due date, handed in or not, grade 1 to 6',
    expect: {
      entities: { Homework: 'Pupil, Subject, Due date:date, Handed in:boolean, Grade:integer/number/rating' },
    },
  },
  {
    id: 'library',
    subject: 'school',
    language: 'en',
    text: 'School library. Books have many authors. Book: title, ISBN, year. Author: name, country. Loans of books to pupils with loan date and return date.',
    expect: {
      entities: {
        Book: 'Title, ISBN, Year:integer',
        Author: 'Name, Country',
        Loan: 'Loan date:date, Return date:date',
        Pupil: '?Name, ?Class, ?Email:email',
      },
      relations: ['Book <> Author', 'Loan > Book', 'Loan > Pupil'],
    },
  },
  {
    id: 'exams',
    subject: 'school',
    language: 'en',
    text: 'exams with subject, date, room, and results per student with points and grade',
    expect: {
      entities: {
        Exam: 'Subject, Date:date/datetime, Room',
        Result: 'Points:integer/number, Grade:text/integer/number/choice',
        '?Student': '?Name, ?Class, ?Email:email',
      },
      relations: ['Result > Exam', 'Result > Student'],
    },
  },
  {
    id: 'my-school',
    subject: 'school',
    language: 'en',
    heldBack: true,
    text: 'my school',
    expect: { asks: /school|keep|track/i },
  },
  {
    id: 'kindergarten',
    subject: 'school',
    language: 'en',
    heldBack: true,
    text: 'Kindergarten: children with first name, last name, date of birth and group (ladybirds, butterflies, bees). Parents with name, phone and email. A child can have several parents and a parent several children',
    expect: {
      entities: {
        Child: 'First name, Last name, Date of birth:date, Group=Ladybirds|Butterflies|Bees',
        Parent: 'Name, Phone:phone, Email:email',
      },
      relations: ['Child <> Parent'],
    },
  },
  {
    id: 'both-ways',
    subject: 'school',
    language: 'en',
    text: 'teachers with name and email. email must be unique. email is optional and required.',
    expect: { asks: /email/i },
  },
  {
    id: 'timetable',
    subject: 'school',
    language: 'en',
    text: 'lessons: subject, teacher, room, weekday (monday to friday), start time, end time',
    expect: {
      entities: {
        Lesson:
          'Subject, Teacher, Room, Weekday=Monday|Tuesday|Wednesday|Thursday|Friday, Start time:time, End time:time',
      },
    },
  },
];
