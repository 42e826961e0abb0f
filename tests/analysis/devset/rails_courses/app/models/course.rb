class Course < ApplicationRecord
  belongs_to :teacher, class_name: "User"
  has_many :lessons

  scope :visible, -> { where(hidden: false) }
  scope :titled, ->(text) { where("lower(title) = lower(:t)", t: text) }

  def cache_key_for(user)
    Digest::MD5.hexdigest("#{id}-#{updated_at}-#{user.id}")
  end
end
