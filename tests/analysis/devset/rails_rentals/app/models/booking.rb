class Booking < ApplicationRecord
  belongs_to :user
  belongs_to :listing

  validates :from, :until, presence: true
end
